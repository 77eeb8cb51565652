import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerClientError } from './error-answers.ts';

/** Looks within the limit: a body is cut off after one to one and a quarter times the limit. */
const LOOKS = 4;

/**
 * Cuts off requests of whose body nothing has come for `idleMs`: their clients are gone, most likely, and each holds
 * a socket, and an upload a file. How long a whole body takes is its client's affair.
 */
export function cutOffStalledBodies(app: FastifyInstance, idleMs: number): void {
  app.addHook('onRequest', async (request, reply) => {
    if (hasBody(request)) watch(request, reply, idleMs);
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function watch({ raw }: FastifyRequest, reply: FastifyReply, idleMs: number): void {
  const { socket } = raw;
  let bytesBefore = socket.bytesRead;
  let idleLooks = 0;
  const look = () => {
    // While it is paused, it is we who do not read.
    const isIdle = socket.bytesRead === bytesBefore && !socket.isPaused();
    bytesBefore = socket.bytesRead;
    idleLooks = isIdle ? idleLooks + 1 : 0;
    if (raw.complete) clearInterval(timer);
    else if (idleLooks === LOOKS) cutOff(raw, reply);
  };
  const timer = setInterval(look, idleMs / LOOKS).unref();
  raw.once('close', () => clearInterval(timer));
}

function cutOff(raw: FastifyRequest['raw'], reply: FastifyReply): void {
  const stalled = Object.assign(new Error('the body stalled'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  if (!reply.raw.headersSent) answerClientError(stalled, raw.socket);
  // Whoever reads the body is told that it ends here; the socket goes with it.
  raw.destroy();
}
