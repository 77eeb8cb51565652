import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { EgressPolicy } from '../../../src/delivery/egress/policy.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { RawReceiver } from '../../support/receivers/raw-receiver.ts';

/** Connections end, are reused and are given up as they should, whatever the receiver does on them. */

const CLOSED = 'the receiver closed the connection before its answer was complete';
const OK = 'HTTP/1.1 200 OK\r\n';
const ANSWERS: Record<string, string> = {
  'with a length': `${OK}content-length: 5\r\n\r\nhello`,
  'in chunks': `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n`,
};

let receiver: RawReceiver;
let sender: Sender;

before(async () => {
  receiver = await RawReceiver.start();
  sender = new Sender({ egress: new EgressPolicy(['127.0.0.1/32']), timeoutMs: 10_000 });
});

beforeEach(() => {
  receiver.breakAll();
  receiver.connections = 0;
});

after(async () => {
  await sender.close();
  await receiver.stop();
});

const post = (body = '{}') => sender.post(receiver.url, { 'webhook-id': 'x' }, body);

const ENDS: Record<string, (socket: Socket, bytes: string) => void> = {
  closed: (socket, bytes) => void socket.end(bytes),
  reset: (socket, bytes) => void socket.write(bytes, () => socket.resetAndDestroy()),
};

for (const [how, end] of Object.entries(ENDS)) {
  for (const [what, answer] of Object.entries(ANSWERS)) {
    test(`an answer ${what} that is ${how} at any of its bytes is a failure, and is whole after the last one`, async () => {
      receiver.behaviour = (socket) =>
        void socket.once('data', (request) => {
          const length = Number(/\r\n\r\n(\d+)$/.exec(String(request))?.[1]);
          end(socket, answer.slice(0, length));
        });
      const lengths = Array.from({ length: answer.length + 1 }, (_, n) => n);
      const exchanges = await Promise.all(lengths.map((length) => post(String(length))));
      for (const [length, { status, response, error }] of exchanges.entries()) {
        // After a reset, the system may have thrown away what it had received.
        if (length === answer.length && error === null) {
          assert.deepEqual([status, response], [200, 'hello']);
        } else assert.equal(error, CLOSED, `after ${length} bytes`);
      }
      if (how === 'closed') assert.equal(exchanges.at(-1)?.error, null);
      assert.equal(sender.inFlight, 0);
    });
  }
}

test('a connection carries one request at a time', async () => {
  let most = 0;
  receiver.behaviour = (socket) => {
    let open = 0;
    socket.on('data', (bytes) => {
      open += String(bytes).split('POST /').length - 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        socket.write(`${OK}content-length: 0\r\n\r\n`);
      }, 5);
    });
  };
  for (let round = 0; round < 3; round += 1) {
    const exchanges = await Promise.all(Array.from({ length: 20 }, () => post()));
    assert.ok(exchanges.every(({ status }) => status === 200));
  }
  assert.deepEqual([most, receiver.connections], [1, 20]);
});

test('an answer that comes before the request was read counts, and its connection is not used again', async () => {
  const large = 'x'.repeat(8 * 1024 * 1024);
  const sockets: Socket[] = [];
  receiver.behaviour = (socket) => {
    // The receiver reads nothing, so that most of a large request can not be written.
    sockets.push(socket.pause());
    socket.write(`${OK}content-length: 2\r\n\r\nok`);
  };
  const early = await post(large);
  assert.deepEqual([early.status, early.response, early.error], [200, 'ok', null]);
  for (const socket of sockets) socket.resume();
  await eventually('the connection is given up', async () => receiver.open === 0);
});

test('a receiver that closes its side after an answer gets the next request over another connection', async () => {
  receiver.behaviour = (socket) =>
    void socket.on('data', () => socket.end(`${OK}content-length: 2\r\n\r\nok`));
  for (let n = 0; n < 5; n += 1) {
    const { status, error } = await post();
    assert.deepEqual([status, error], [200, null]);
  }
});

test('bytes that nobody asked for end the connection on which they come', async () => {
  receiver.behaviour = (socket) =>
    void socket.on('data', () => {
      socket.write(`${OK}content-length: 2\r\n\r\nok`);
      setImmediate(() => socket.write(`${OK}content-length: 8\r\n\r\nsmuggled`));
    });
  for (let n = 0; n < 5; n += 1) assert.equal((await post()).response, 'ok');
  await eventually('the connections are given up', async () => receiver.open === 0);
});

describe('a request is written as it was given, whatever its characters', () => {
  const asked = async (headers: Record<string, string>, body: string) => {
    let request = '';
    receiver.behaviour = (socket) =>
      void socket.on('data', (bytes) => {
        request += bytes.toString('latin1');
        if (request.endsWith('}')) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      });
    const { error } = await sender.post(`${receiver.url}a?b=c`, headers, body);
    return { error, request };
  };

  test('in its order', async () => {
    const { request } = await asked({ 'x-a': '1', 'content-type': 'application/json' }, '{"é":"😀"}');
    const host = receiver.url.slice('http://'.length, -1);
    assert.equal(
      Buffer.from(request, 'latin1').toString(),
      `POST /a?b=c HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\nx-a: 1\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{"é":"😀"}`,
    );
  });

  test('with a header in Latin-1', async () => {
    const { request } = await asked({ 'x-a': 'caf\u00e9' }, '{}');
    assert.match(request, /\r\nx-a: caf\u00e9\r\n/);
  });

  for (const [name, value] of [
    ['x', 'a\r\nb: c'],
    ['x', 'a\nb'],
    ['x', 'a\0'],
    ['x', '\u0100'],
    ['x:', 'a'],
    ['x y', 'a'],
    ['', 'a'],
  ] as const) {
    test(`not with the header ${JSON.stringify(`${name}: ${value}`)}`, async () => {
      const { error, request } = await asked({ [name]: value }, '{}');
      assert.match(error ?? '', /^the header ".*" has a character that is not allowed$/);
      assert.equal(request, '');
    });
  }
});
