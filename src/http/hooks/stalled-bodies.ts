import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { answerClientError } from './error-answers.ts';

/**
 * Closes the connection of a request if no byte of its body has arrived for `idleMs` milliseconds. The client
 * has most likely disconnected, but the request still occupies a socket, and an upload also an open file.
 * Limits neither the total duration of a body nor the duration of an answer.
 */
export function cutOffStalledBodies(app: FastifyInstance, idleMs: number): void {
  // Uses the timer that each socket already has, because another timer would cost time for every request.
  const latest = new WeakMap<Socket, FastifyReply>();
  app.addHook('onRequest', (request, reply, done) => {
    latest.set(request.raw.socket, reply);
    done();
  });
  app.server.setTimeout(idleMs);
  app.server.on('timeout', (socket: Socket) => {
    const reply = latest.get(socket);
    // Between two requests, the timeout means that the keep-alive time has ended.
    if (!reply || reply.raw.writableFinished) socket.destroy();
    // Does not cut off a paused socket: the service has stopped reading, so the client can't send. The timer
    // runs again after the pause.
    else if (!reply.request.raw.complete && !socket.isPaused()) cutOff(reply);
  });
}

function cutOff(reply: FastifyReply): void {
  const { raw, id } = reply.request;
  const stalled = Object.assign(new Error('the body made no progress'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  if (!reply.raw.headersSent) answerClientError(stalled, raw.socket, id);
  // Closes the socket. The function that reads the body gets an error.
  raw.destroy();
}
