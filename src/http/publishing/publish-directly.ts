import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admission, Identity } from '../../accounts/authenticator.ts';
import type { App } from '../app.ts';
import type { KnownConnections } from '../credentials/known-connections.ts';
import type { BegunRequests } from '../hooks/bodies/begun-requests.ts';
import { type BodyPools, headerBytes } from '../hooks/body-memory.ts';
import { REQUEST_ID_HEADER } from '../hooks/request-ids.ts';
import type { StalledBodies } from '../hooks/stalled-bodies.ts';
import type { Services } from '../services.ts';
import { acceptedText } from '../wire/event.ts';
import { ordinaryEventsIn } from './ordinary-events.ts';
import { ordinaryBodyBytes } from './ordinary-head.ts';

export interface DirectPublishingParts {
  readonly services: Pick<Services, 'authenticator' | 'eventIntake' | 'readiness'>;
  readonly connections: KnownConnections;
  readonly bodyPools: BodyPools;
  readonly stalledBodies: StalledBodies;
  readonly begunRequests: BegunRequests;
  readonly newRequestId: (request: IncomingMessage) => string;
}

/** Request to publish events that was begun without Fastify. */
interface Publishing {
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
  readonly identity: Identity;
  readonly admission: Admission;
}

/** Hands a request to Fastify. `failure` is why its events could not be accepted; `null`: that was not tried. */
type HandOver = (publishing: Publishing, body: Buffer, failure: Error | null) => void;

/**
 * Answers ordinary requests to publish events without Fastify, because its layers and our hooks cost more than the
 * rest of such a request.
 *
 *   headers ─▶ ordinary, credential known? ─▶ body ─▶ ordinary events? ─▶ accept ─▶ 202
 *                    │ no                                  │ no              │ error
 *                    ▼                                     ▼                 ▼
 *                 Fastify                         Fastify, with the credential's admission and the body
 *
 * Every check that an ordinary request needs is made here in the order of the hooks. Whatever is not ordinary goes to
 * Fastify, so that each error and each rare rule has one implementation.
 */
export function publishDirectly(app: App, parts: DirectPublishingParts): void {
  const handOver: HandOver = ({ raw, response, identity, admission }, body, failure) => {
    parts.begunRequests.set(raw, { identity, admission, body, failure });
    app.routing(raw, response);
  };
  // Fastify has registered its own listener, which only calls `routing`.
  app.server.removeAllListeners('request');
  app.server.on('request', (raw, response) => {
    const publishing = begin(raw, response, parts);
    if (publishing) readBody(raw, (body) => publish(publishing, body, { parts, handOver }));
    else app.routing(raw, response);
  });
}

/** Admits a request whose URL and headers are ordinary; `null`: Fastify must answer it. */
function begin(
  raw: IncomingMessage,
  response: ServerResponse,
  { services: { authenticator, readiness }, ...parts }: DirectPublishingParts,
): Publishing | null {
  const bodyBytes = ordinaryBodyBytes(raw);
  if (!bodyBytes || readiness.isStopping) return null;
  const admission: Admission = {
    admittedAt: authenticator.now(),
    admittedMonotonic: authenticator.monotonicNow(),
    revocations: authenticator.revocations,
  };
  // An operator's requests to routes for operators do not count for the rate limits.
  const identity = parts.connections.recall(raw, admission);
  if (!identity?.account.isOperator || identity.access !== 'full_access') return null;
  const claim = { client: identity.account.id, response, bytes: headerBytes(raw) + bodyBytes, isForm: false };
  if (!parts.bodyPools.admit(claim)) return null;
  const publishing = { raw, response, id: parts.newRequestId(raw), identity, admission };
  parts.stalledBodies.watch(publishing);
  return publishing;
}

/** Calls `onBody` with the whole body; never, if the connection ends before. */
function readBody(raw: IncomingMessage, onBody: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  raw.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
  });
  raw.on('end', () => onBody(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
}

function publish(
  publishing: Publishing,
  body: Buffer,
  { parts: { services }, handOver }: { parts: DirectPublishingParts; handOver: HandOver },
): void {
  const { authenticator, eventIntake } = services;
  // A hook of Fastify checks whether the credential was revoked while the body arrived.
  const ordinary = authenticator.mayBeRevoked(publishing.admission)
    ? null
    : ordinaryEventsIn(body.toString('utf8'));
  if (ordinary === null) {
    handOver(publishing, body, null);
    return;
  }
  const { events, isList } = ordinary;
  eventIntake.accept(events, isList ? undefined : nameOfField).then(
    () => answer(publishing, events.length),
    (error: Error) => handOver(publishing, body, error),
  );
}

/** Returns the name of a field of a body that is one event. */
function nameOfField(_index: number, name: string): string {
  return name;
}

function answer({ response, id }: Publishing, accepted: number): void {
  const body = acceptedText(accepted);
  response.writeHead(202, {
    [REQUEST_ID_HEADER]: id,
    'content-type': 'application/json',
    'content-length': body.length,
  });
  response.end(body);
}
