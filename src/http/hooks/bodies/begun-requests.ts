import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Admission, Identity } from '../../../accounts/authenticator.ts';
import type { App } from '../../app.ts';

/**
 * Request that was begun without Fastify, and that Fastify answers after all. Its credential was accepted, and its
 * body has been read, so that the hooks neither check nor count the request again.
 */
export interface BegunRequest {
  readonly identity: Identity;
  readonly admission: Admission;
  readonly body: Buffer;
  /** Why the events of the request could not be accepted; `null`: that was not tried. */
  readonly failure: Error | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Result of what was done before Fastify got the request; `null`: Fastify got it at once. */
    begun: BegunRequest | null;
  }
}

/** Requests that were begun and that Fastify is to answer. */
export type BegunRequests = WeakMap<IncomingMessage, BegunRequest>;

/** Lets the hooks know which requests were begun. Must be called before all hooks that use it are registered. */
export function knowBegunRequests(app: App, begun: BegunRequests): void {
  app.decorateRequest('begun', null);
  app.addHook('onRequest', (request, _reply, done) => {
    request.begun = begun.get(request.raw) ?? null;
    done();
  });
  app.addHook('preParsing', (request, _reply, payload, done) => {
    done(null, request.begun ? Readable.from([request.begun.body]) : payload);
  });
}
