import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { notFound, ServiceError } from '../../domain/errors.ts';
import { consoleSecretIn } from './console-cookie.ts';
import { isOwnOrigin } from './own-origin.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route is only for the web console: it opens, shows or ends its session. */
    isConsole?: boolean;
  }
  interface FastifyRequest {
    /** Secret of the console's cookie; `null`: the request has none that counts. */
    consoleSecret: string | null;
  }
}

/**
 * Header that the console's page adds to its requests. The value is `1`. A page of another site can't send it, because the
 * browser would first ask for permission by a preflight, which the API never grants.
 */
export const CONSOLE_HEADER = 'x-mediahooks-console';

export interface ConsoleRequestsOptions {
  /** Returns the service's own URL. */
  readonly publicUrl: () => string;
  /** Whether the console is on. */
  readonly isOn: boolean;
}

/**
 * Reads the console's cookie. Browsers send it with requests of all pages, so that it counts only in requests to the API that the
 * console's own page has made: they have the console's header, and the browser names no other origin. A frame of the console on
 * another site is such a page, too. Must be registered before `authenticate`.
 */
export function readConsoleCookies(app: FastifyInstance, options: ConsoleRequestsOptions): void {
  const { publicUrl, isOn } = options;
  app.decorateRequest('consoleSecret', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const { url = '', config } = request.routeOptions;
    const { isConsole = false } = config;
    const { headers } = request;
    if (isConsole && !isOn) return done(notFound('web console'));
    if (headers[CONSOLE_HEADER] !== '1') return done(isConsole ? withoutHeader() : undefined);
    if (!isOn || !url.startsWith('/api/')) return done();
    const secret = consoleSecretIn(headers.cookie, isSecure(request, publicUrl()));
    if (!isConsole && secret === null) return done();
    if (!isOwnPage(headers, publicUrl())) return done(ofAnotherPage());
    request.consoleSecret = secret;
    done();
  });
}

/** Returns whether a browser reaches the service by https. A trusted reverse proxy may say so. */
export function isSecure({ protocol }: FastifyRequest, publicUrl: string): boolean {
  return protocol === 'https' || publicUrl.startsWith('https:');
}

/** Returns whether the browser that sends a request names no other origin. Over plain http, it may name none. */
function isOwnPage(
  { 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders,
  publicUrl: string,
): boolean {
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || isOwnOrigin(origin, host, URL.parse(publicUrl)?.host);
}

function withoutHeader(): ServiceError {
  const message = `only the web console may do this: the header ${CONSOLE_HEADER}: 1 is missing`;
  return new ServiceError('cross_site_request', message);
}

function ofAnotherPage(): ServiceError {
  return new ServiceError('cross_site_request', "a page of another site can't use the web console's session");
}
