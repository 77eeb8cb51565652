import timers from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { notFound } from '../../../domain/errors.ts';
import type { InboxRequest } from '../../../webhooks/inbox/inbox.ts';
import type { App } from '../../app.ts';
import type { Services } from '../../services.ts';

/** Maximum bytes of a body that an inbox accepts. */
const MAX_BYTES = 1024 * 1024;
/** Number of pieces in which a slow body comes. */
const SLOW_PIECES = 10;

const InboxParams = Type.Object({ token: Type.String({ minLength: 1, maxLength: 100 }) });

/** Registers the route that receives requests to inboxes, in a scope of its own, because it takes bodies of every type. */
export function receiveRoute(app: App, { inboxes }: Pick<Services, 'inboxes'>): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  const options = { config: { access: 'public' as const }, schema: { hide: true, params: InboxParams } };
  app.post('/inbox/:token', options, async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const arrival = { method: request.method, headers: headersOf(request), body };
    const received = await inboxes?.receive(request.params.token, arrival);
    if (!received) throw notFound('inbox: it has expired or was removed, so that it is');
    try {
      return await respond(reply, received.answer);
    } finally {
      received.done();
    }
  });
}

function headersOf({ headers }: FastifyRequest): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(entries);
}

async function respond(
  reply: FastifyReply,
  { action, status, delayMs }: InboxRequest['answer'],
): Promise<FastifyReply> {
  if (action === 'slow_body') return respondSlowly(reply, status, delayMs);
  // A client that has left needs no answer.
  if (delayMs > 0) await timers.setTimeout(delayMs, undefined, { ref: false });
  if (action === 'reset') {
    reply.hijack();
    reply.raw.socket?.resetAndDestroy();
    return reply;
  }
  // Each request gets a connection of its own, because a client may repeat a request at once if a used connection is reset.
  return reply
    .code(status)
    .header('connection', 'close')
    .type('text/plain; charset=utf-8')
    .send(status === 204 ? '' : `inbox: ${status}\n`);
}

async function respondSlowly(reply: FastifyReply, status: number, durationMs: number): Promise<FastifyReply> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(status, { 'content-type': 'text/plain', connection: 'close' });
  for (let piece = 0; piece < SLOW_PIECES && !raw.destroyed; piece += 1) {
    raw.write('.');
    await timers.setTimeout(durationMs / SLOW_PIECES, undefined, { ref: false });
  }
  raw.end();
  return reply;
}
