import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

export const REQUEST_ID_HEADER = 'x-request-id';

/** What a caller's own id may look like: it is written to the log and sent back. */
const SANE = /^[\w.:+/=@-]{1,128}$/;

/** Gives each request the id that its caller has for it, where that is sane, else one that no other request has. */
export function requestIds(): (request: Pick<IncomingMessage, 'headers'>) => string {
  // A random beginning for the server and a number for the request: random bytes for each would cost ten times more.
  const server = randomBytes(9).toString('base64url');
  let last = 0;
  return ({ headers }) => {
    const given = headers[REQUEST_ID_HEADER];
    if (typeof given === 'string' && SANE.test(given)) return given;
    last += 1;
    return `${server}-${last.toString(36)}`;
  };
}

/** Sends the id with every answer. To be called before what may answer a request. */
export function tellRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
