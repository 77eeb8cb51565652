import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Ids that are accepted from callers. They are written to the log and sent back. */
const ACCEPTED = /^[\w.:+/=@-]{1,128}$/;

/** Returns a function that returns the caller's id of a request if it is acceptable, and otherwise a new unique id. */
export function requestIds(): (request: Pick<IncomingMessage, 'headers'>) => string {
  // A random prefix per server and a counter per request: random bytes for each request would cost ten times more.
  const server = randomBytes(9).toString('base64url');
  let last = 0;
  return ({ headers }) => {
    const given = headers[REQUEST_ID_HEADER];
    if (typeof given === 'string' && ACCEPTED.test(given)) return given;
    last += 1;
    return `${server}-${last.toString(36)}`;
  };
}

/** Sends the request's id with every answer. It must be registered before any hook that may answer a request. */
export function sendRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
