import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerClientError } from './error-answers.ts';

/**
 * Cuts off requests of whose body nothing has come for `idleMs`: their clients are gone, most likely, and each holds
 * a socket, and an upload a file. How long a whole body takes is its client's affair, and how long an answer takes
 * is ours.
 */
export function cutOffStalledBodies(app: FastifyInstance, idleMs: number): void {
  // By the timer that each socket has anyway: one of a request's own would cost every request.
  const latest = new WeakMap<Socket, FastifyReply>();
  app.addHook('onRequest', (request, reply, done) => {
    latest.set(request.raw.socket, reply);
    done();
  });
  app.server.setTimeout(idleMs);
  app.server.on('timeout', (socket: Socket) => {
    const reply = latest.get(socket);
    // Between two requests it is the keep-alive time that is over.
    if (!reply || reply.raw.writableFinished) socket.destroy();
    // While it is paused, it is we who do not read; once it goes on, so does the timer.
    else if (!reply.request.raw.complete && !socket.isPaused()) cutOff(reply);
  });
}

function cutOff(reply: FastifyReply): void {
  const { raw, id } = reply.request;
  const stalled = Object.assign(new Error('the body stalled'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  if (!reply.raw.headersSent) answerClientError(stalled, raw.socket, id);
  // Whoever reads the body is told that it ends here; the socket goes with it.
  raw.destroy();
}
