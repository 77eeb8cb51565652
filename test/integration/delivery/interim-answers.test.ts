import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { DnsResolver } from '../../../src/delivery/egress/dns-resolver.ts';
import { EgressPolicy } from '../../../src/delivery/egress/policy.ts';
import { RawReceiver } from '../../support/receivers/raw-receiver.ts';

/** Receivers that send `100 Continue` although no request asks for it. */

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

let receiver: RawReceiver;
let sender: Sender;

before(async () => {
  receiver = await RawReceiver.start();
  const egress = new EgressPolicy(['127.0.0.1/32'], new DnsResolver());
  sender = new Sender({ egress, timeoutMs: 5_000 });
});

after(async () => {
  await sender.close();
  await receiver.stop();
});

/** Sends two requests one after the other. Each is answered with these texts, one write after another. */
async function exchange(...texts: string[]) {
  receiver.breakAll();
  receiver.connections = 0;
  receiver.behaviour = (socket) => {
    socket.setNoDelay(true);
    socket.on('data', async () => {
      for (const text of texts) {
        socket.write(text);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  };
  const exchanges = [];
  for (const id of ['first', 'second']) {
    exchanges.push(await sender.post(receiver.url, { 'webhook-id': id }, '{}'));
    // undici reuses a connection from the next turn of the event loop on.
    await delay(20);
  }
  return exchanges.map(({ status, response, error }) => [status, response, error]);
}

const ANSWERS: Record<string, string[]> = {
  'in one piece with the answer': [CONTINUE + OK],
  'before the answer': [CONTINUE, OK],
  'several times': [CONTINUE + CONTINUE, CONTINUE, OK],
  'with headers, and another text': ['HTTP/1.1 100 Go on\r\nx-a: b\r\nx-c: d\r\n\r\n', OK],
  'a byte at a time': [...(CONTINUE + OK)],
  'among other interim answers': ['HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n', OK],
  'not at all': [OK],
};

for (const [how, texts] of Object.entries(ANSWERS)) {
  test(`an answer is read if the receiver sends 100 Continue ${how}`, async () => {
    assert.deepEqual(await exchange(...texts), [
      [200, 'ok', null],
      [200, 'ok', null],
    ]);
    assert.equal(receiver.connections, 1, 'the connection is used again');
  });
}

test('a body that looks like an interim answer is not changed', async () => {
  const body = `${CONTINUE}end`;
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`;
  for (const texts of [[head + body], [head, body]]) {
    assert.deepEqual(await exchange(...texts), [
      [200, body, null],
      [200, body, null],
    ]);
  }
});

test('an interim answer that never ends is refused', async () => {
  receiver.breakAll();
  receiver.behaviour = (socket) => {
    socket.once('data', () => socket.write(`HTTP/1.1 100 Continue\r\nx: ${'y'.repeat(64 * 1024)}`));
  };
  const { status, error } = await sender.post(receiver.url, { 'webhook-id': 'x' }, '{}');
  assert.deepEqual([status, error], [null, "the answer's headers are too large"]);
});
