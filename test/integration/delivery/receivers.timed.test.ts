import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Exchange } from '../../../src/delivery/attempt/exchange.ts';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { EgressPolicy, HOST_REFUSED } from '../../../src/delivery/egress/policy.ts';

/** Faults of receivers, each on a real socket: every exchange ends with a result that a person understands. */

const TIMEOUT_MS = 400;
/** Bytes of an answer's body that are read. */
const READ_BYTES = 64 * 1024;

const sockets = new Set<Socket>();
let server: Server;
/** Sender that shows how a receiver itself ends the attempt, however busy the machine is. */
let sender: Sender;
/** Sender that gives up soon. */
let hasty: Sender;
let behaviour: (socket: Socket) => void = () => {};
let connections = 0;

before(async () => {
  server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    behaviour(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

beforeEach(() => {
  const egress = new EgressPolicy(['127.0.0.1/32']);
  sender = new Sender({ egress, timeoutMs: 10_000 });
  hasty = new Sender({ egress, timeoutMs: TIMEOUT_MS });
});

afterEach(async () => {
  await Promise.all([sender.close(), hasty.close()]);
  for (const socket of sockets) socket.destroy();
});

after(() => server.close());

function url(path = '/'): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}${path}`;
}

async function exchange(
  receiver: (socket: Socket) => void,
  to = url(),
  from: Sender = sender,
): Promise<Exchange> {
  behaviour = receiver;
  return from.post(to, { 'content-type': 'application/json' }, '{}');
}

/** Answers every request on a connection with the same bytes. */
function answering(bytes: string): (socket: Socket) => void {
  return (socket) => socket.on('data', () => socket.write(bytes));
}

function response(status: string, headers: string, body = ''): string {
  return `HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`;
}

test('an answer is a status and the beginning of a body', async () => {
  const ended = await exchange(answering(response('202 Accepted', 'content-length: 4', 'done')));
  assert.equal(ended.status, 202);
  assert.equal(ended.response, 'done');
  assert.equal(ended.error, null);
  assert.ok(ended.durationMs < TIMEOUT_MS);
});

test('connections are kept and reused', async () => {
  const before = connections;
  const answer = answering(response('200 OK', 'content-length: 0'));
  for (let i = 0; i < 20; i += 1) await exchange(answer, url('/keep'));
  // Two connections, because the next request may begin before the connection of the last one is free.
  assert.ok(connections - before <= 2, `${connections - before} new connections`);
});

test('an attempt at a receiver that never answers times out', async () => {
  const ended = await exchange(() => {}, url(), hasty);
  assert.equal(ended.status, null);
  assert.equal(ended.error, 'the receiver did not answer within 0.4 s');
  assert.ok(ended.durationMs >= TIMEOUT_MS && ended.durationMs < TIMEOUT_MS * 2, `${ended.durationMs} ms`);
});

test('the time limit includes the whole answer, however slowly it arrives', async () => {
  let timer: NodeJS.Timeout | undefined;
  const trickling = (socket: Socket) =>
    void socket.once('data', () => {
      socket.write(response('200 OK', 'content-length: 1000'));
      timer = setInterval(() => socket.write('x'), 20);
    });
  const ended = await exchange(trickling, url(), hasty);
  clearInterval(timer);
  assert.equal(ended.status, 200);
  assert.equal(ended.error, 'the receiver did not end its answer within 0.4 s');
  assert.match(ended.response ?? '', /^x+$/);
});

test('an endless body is read up to the limit, and its status counts', async () => {
  let written = 0;
  const closed = Promise.withResolvers<void>();
  const ended = await exchange((socket) => {
    socket.once('close', () => closed.resolve());
    socket.once('data', () => {
      socket.write(response('200 OK', 'transfer-encoding: chunked'));
      const chunk = 'y'.repeat(16_384);
      // One chunk in each turn of the event loop, so that the bytes sent are only those read and those in buffers.
      const pour = () => {
        if (socket.destroyed) return;
        written += chunk.length;
        socket.write(`4000\r\n${chunk}\r\n`, () => setImmediate(pour));
      };
      pour();
    });
  });
  assert.equal(ended.status, 200);
  assert.equal(ended.error, null);
  assert.equal(ended.response, 'y'.repeat(1024));
  await closed.promise;
  assert.ok(written > READ_BYTES && written < READ_BYTES + 1024 * 1024, `${written} bytes were sent`);
});

test('of an answer that is no text, no more is kept than of others', async () => {
  const answer = response('200 OK', 'content-length: 2000', '');
  const ended = await exchange((socket) =>
    socket.once('data', () => {
      socket.write(answer);
      socket.write(Buffer.alloc(2_000, 0xff));
    }),
  );
  assert.equal(ended.response, '\uFFFD'.repeat(341));
});

test('64 KiB of a body are read, and the first byte beyond ends the reading', async () => {
  const sending = (bytes: number) =>
    answering(response('200 OK', `content-length: ${READ_BYTES + 1_000}`, 'y'.repeat(bytes)));
  const atLimit = await exchange(sending(READ_BYTES), url('/at'), hasty);
  assert.equal(atLimit.error, 'the receiver did not end its answer within 0.4 s');
  const beyond = await exchange(sending(READ_BYTES + 1), url('/beyond'));
  assert.deepEqual([beyond.status, beyond.error], [200, null]);
  assert.ok(beyond.durationMs < TIMEOUT_MS, `${beyond.durationMs} ms`);
  const whole = answering(response('200 OK', `content-length: ${READ_BYTES}`, 'y'.repeat(READ_BYTES)));
  assert.equal((await exchange(whole, url('/whole'))).error, null);
});

test('a busy receiver may say when to retry; with other answers that has no effect', async () => {
  // The receiver closes the connection each time, so that none continues to answer as before.
  const retryAfter = async (status: string, headers: string) => {
    const answer = response(status, `connection: close\r\ncontent-length: 0${headers}`);
    return (await exchange((socket) => socket.once('data', () => socket.end(answer)))).retryAfter;
  };
  assert.equal(await retryAfter('429 Too Many Requests', '\r\nretry-after: 120'), '120');
  assert.equal(await retryAfter('503 Service Unavailable', '\r\nretry-after: 120'), '120');
  assert.equal(await retryAfter('500 Internal Server Error', '\r\nretry-after: 120'), null);
  assert.equal(await retryAfter('503 Service Unavailable', ''), null);
});

test('endless headers end the attempt', async () => {
  const ended = await exchange((socket) => {
    socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx: ${'z'.repeat(1024 * 1024)}`));
  });
  assert.equal(ended.status, null);
  assert.equal(ended.error, "the answer's headers are too large");
});

test('a redirect is an answer, and is not followed', async () => {
  const before = connections;
  const to = response('302 Found', `location: ${url('/elsewhere')}\r\ncontent-length: 0`);
  const ended = await exchange(answering(to), url('/redirect'));
  assert.equal(ended.status, 302);
  assert.equal(ended.error, null);
  assert.ok(connections - before <= 1);
});

test('a connection that breaks within a body gives no whole answer', async () => {
  const ended = await exchange((socket) => {
    socket.once('data', () => socket.end(response('200 OK', 'content-length: 100', 'half')));
  });
  assert.equal(ended.status, 200);
  assert.equal(ended.error, 'the receiver closed the connection before its answer was complete');
});

test('a reset connection is explained', async () => {
  const ended = await exchange((socket) => socket.once('data', () => socket.resetAndDestroy()));
  assert.equal(ended.status, null);
  assert.equal(ended.error, 'the receiver closed the connection before its answer was complete');
});

test('garbage is not HTTP', async () => {
  const ended = await exchange(answering('SSH-2.0-OpenSSH_9.2\r\n'));
  assert.equal(ended.status, null);
  assert.match(ended.error ?? '', /^the answer is not HTTP/);
});

test('HTTP/1.0 is understood', async () => {
  const ended = await exchange((socket) => {
    socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nold'));
  });
  assert.deepEqual([ended.status, ended.response, ended.error], [200, 'old', null]);
});

test('a body that is not text is kept as far as it can be shown', async () => {
  const ended = await exchange(answering(response('500 No', 'content-length: 4', 'a\0b!')));
  assert.equal(ended.response, 'a\uFFFDb!');
});

test('an unused port: the connection is refused', async () => {
  const ended = await exchange(() => {}, 'http://127.0.0.1:2/');
  assert.equal(ended.error, 'the connection was refused');
});

test('a name that does not resolve is explained', async () => {
  const ended = await exchange(() => {}, 'http://receiver.invalid/');
  assert.match(ended.error ?? '', /the host is not allowed|name could not be resolved/);
});

test('an address that is not allowed is never connected to, whether it is in the URL or looked up', async () => {
  const before = connections;
  const strict = new Sender({ egress: new EgressPolicy([]), timeoutMs: TIMEOUT_MS });
  const port = new URL(url()).port;
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433']) {
    const ended = await strict.post(`http://${host}:${port}/`, {}, '{}');
    assert.equal(ended.status, null, host);
    assert.equal(ended.error, HOST_REFUSED, host);
  }
  assert.equal(connections, before);
  await strict.close();
});

test('TLS to a receiver without TLS is explained', async () => {
  const ended = await exchange(answering('HTTP/1.1 400 Bad\r\n\r\n'), url().replace('http:', 'https:'));
  assert.equal(ended.status, null);
  assert.match(ended.error ?? '', /^the receiver does not speak TLS on this port/);
});
