import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fastify from 'fastify';
import type { RequestAuthenticator } from '../../../src/accounts/authenticator.ts';
import { type EventStream, EventStreams } from '../../../src/http/streams/event-streams.ts';
import { openSocket } from '../../support/service/raw-http.ts';

const MIB = 1024 * 1024;
/** More than the buffers of both sides of a connection take. */
const MOST_SENT = 64 * MIB;

test('a stream whose client takes nothing is ended when a mebibyte waits for it', async (t) => {
  const streams = new EventStreams({ revocations: 0 } as RequestAuthenticator);
  const app = fastify();
  t.after(() => app.close());
  t.after(() => streams.close());
  const { promise: begun, resolve } = Promise.withResolvers<EventStream>();
  let hasStopped = false;
  app.get('/', (request, reply) =>
    streams.answer({
      ...{ request, reply, seconds: 60 },
      begin: (stream) => {
        resolve(stream);
        return () => {
          hasStopped = true;
        };
      },
    }),
  );
  const socket = await openSocket(await app.listen({ host: '127.0.0.1', port: 0 }));
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const stream = await begun;
  await setImmediate();
  assert.equal(streams.size, 1);
  const data = 'x'.repeat(64 * 1024);
  let sent = 0;
  for (; streams.size > 0; sent += data.length) {
    assert.ok(sent < MOST_SENT, 'it is ended');
    stream.send('change', data);
    await setImmediate();
  }
  assert.ok(sent > MIB);
  const received = await socket.toArray().catch(() => []);
  assert.ok(received.reduce((sum: number, part: Buffer) => sum + part.length, 0) < sent);
  assert.ok(hasStopped);
});
