import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

export const REQUEST_ID_HEADER = 'x-request-id';

/**
 * Pattern of the request ids that are accepted from callers. An accepted id is logged and sent back to the
 * caller.
 */
const ACCEPTED = /^[\w.:+/=@-]{1,128}$/;

/**
 * Returns a function that returns the id of a request: the id that the caller sent, if it matches `ACCEPTED`,
 * and otherwise a new unique id.
 */
export function requestIds(): (request: Pick<IncomingMessage, 'headers'>) => string {
  // Creates ids from a random prefix per server and a counter, because random bytes for each request would
  // cost ten times more.
  const server = randomBytes(9).toString('base64url');
  let last = 0;
  return ({ headers }) => {
    const given = headers[REQUEST_ID_HEADER];
    if (typeof given === 'string' && ACCEPTED.test(given)) return given;
    last += 1;
    return `${server}-${last.toString(36)}`;
  };
}

/**
 * Sends the id of the request with every answer. Must be registered before any hook that can answer a
 * request.
 */
export function sendRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
