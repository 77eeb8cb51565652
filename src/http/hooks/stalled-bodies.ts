import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { answerClientError } from './error-answers.ts';

/** Request whose answer has not been sent. */
export interface OpenRequest {
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  readonly id: string;
}

/**
 * Closes the connection of a request if no byte of its body has arrived for a time, or if the client has taken no byte of
 * the answer. The client has most likely disconnected, but the request still occupies a socket, and an upload or a download
 * also an open file. Limits neither the total duration of a body nor the duration of an answer.
 */
export class StalledBodies {
  // Uses the timer that each socket already has, because another timer would cost time for every request.
  readonly #latest = new WeakMap<Socket, OpenRequest>();

  /** @param idleMs milliseconds without a byte after which a connection is closed */
  constructor(server: Server, idleMs: number) {
    server.setTimeout(idleMs);
    server.on('timeout', (socket: Socket) => {
      const request = this.#latest.get(socket);
      // Between two requests, the timeout means that the keep-alive time has ended.
      if (!request || request.response.writableFinished) socket.destroy();
      // Does not cut off a paused socket: the service has stopped reading, so the client can't send. The timer
      // runs again after the pause.
      else if (!request.raw.complete && !socket.isPaused()) cutOff(request);
      // Bytes wait in the socket if the client does not take the answer, but not while the answer is still being made.
      else if (request.raw.complete && socket.writableLength > 0) socket.destroy();
    });
  }

  /** Watches the body of a request. Must be called when its headers have arrived. */
  watch(request: OpenRequest): void {
    this.#latest.set(request.raw.socket, request);
  }
}

/** Lets Fastify's requests be watched. */
export function watchBodies(app: FastifyInstance, stalledBodies: StalledBodies): void {
  app.addHook('onRequest', (request, reply, done) => {
    // The body of a request that was begun has been read.
    if (!request.begun) stalledBodies.watch({ raw: request.raw, response: reply.raw, id: request.id });
    done();
  });
}

function cutOff({ raw, response, id }: OpenRequest): void {
  const stalled = Object.assign(new Error('the body made no progress'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  if (!response.headersSent) answerClientError(stalled, raw.socket, id);
  // Closes the socket. The function that reads the body gets an error.
  raw.destroy();
}
