import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerClientError } from './error-answers.ts';

/**
 * Cuts off requests whose body has made no progress for `idleMs` milliseconds. Their clients have most likely gone, and
 * each holds a socket, and an upload also a file. The total time of a body is not limited, nor is that of an answer.
 */
export function cutOffStalledBodies(app: FastifyInstance, idleMs: number): void {
  // The timer that each socket already has is used, because a timer of its own would cost every request.
  const latest = new WeakMap<Socket, FastifyReply>();
  app.addHook('onRequest', (request, reply, done) => {
    latest.set(request.raw.socket, reply);
    done();
  });
  app.server.setTimeout(idleMs);
  app.server.on('timeout', (socket: Socket) => {
    const reply = latest.get(socket);
    // Between two requests, the timeout means that the keep-alive time is over.
    if (!reply || reply.raw.writableFinished) socket.destroy();
    // A paused socket is not the client's fault: the service does not read. The timer runs again after the pause.
    else if (!reply.request.raw.complete && !socket.isPaused()) cutOff(reply);
  });
}

function cutOff(reply: FastifyReply): void {
  const { raw, id } = reply.request;
  const stalled = Object.assign(new Error('the body made no progress'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  if (!reply.raw.headersSent) answerClientError(stalled, raw.socket, id);
  // The reader of the body gets an error, and the socket is closed.
  raw.destroy();
}
