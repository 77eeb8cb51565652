import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ReadyDelivery } from '../../domain/delivery.ts';
import { DeliveryBuffer, type DeliveryBufferOptions } from './delivery-buffer.ts';

const NOW = 1_000_000;
const ROOMY = {
  concurrency: 10_000,
  concurrencyPerWebhook: 100,
  concurrencyPerHost: 10_000,
  capacity: 10_000,
  capacityPerWebhook: 1_000,
  attemptTimeoutMs: 10_000,
};

let lastSeq = 0;
function delivery(webhookId: string): ReadyDelivery {
  const seq = ++lastSeq;
  const event = { id: `e${seq}`, mediaId: `m${seq}`, body: '{}' };
  const webhook = { id: webhookId, url: 'http://r/', secret: 's' };
  return { id: `${webhookId}-${seq}`, seq, event, webhook, attempts: 0, attemptsBefore: 0 };
}

function bufferOf(options: Partial<DeliveryBufferOptions>, waiting: Record<string, number> = {}) {
  const buffer = new DeliveryBuffer({ ...ROOMY, ...options });
  for (const [webhookId, count] of Object.entries(waiting)) {
    for (let n = 0; n < count; n += 1) assert.ok(buffer.add(delivery(webhookId)));
  }
  return buffer;
}

function sendAll(buffer: DeliveryBuffer): ReadyDelivery[] {
  const sent: ReadyDelivery[] = [];
  for (let next = buffer.next(NOW); next; next = buffer.next(NOW)) sent.push(next);
  return sent;
}

const webhooksOf = (deliveries: readonly ReadyDelivery[]) => deliveries.map((one) => one.webhook.id).join('');

test('webhooks take turns, one delivery each, even if one has many waiting', () => {
  const buffer = bufferOf({}, { a: 5, b: 1, c: 2 });
  assert.equal(webhooksOf(sendAll(buffer)), 'abcacaaa');
});

test('a webhook that comes late and has nothing in flight is next', () => {
  const buffer = bufferOf({}, { a: 5, b: 5 });
  sendSome(buffer, 2);
  buffer.add(delivery('c'));
  assert.equal(webhooksOf(sendSome(buffer, 3)), 'cab');
});

function sendSome(buffer: DeliveryBuffer, count: number): ReadyDelivery[] {
  return Array.from({ length: count }, () => buffer.next(NOW) ?? assert.fail('nothing is next'));
}

test('the deliveries of a webhook come in the order in which they were added', () => {
  const buffer = bufferOf({ concurrencyPerWebhook: 700 }, { a: 700 });
  const seqs = sendAll(buffer).map((one) => one.seq);
  assert.equal(seqs.length, 700);
  assert.deepEqual(
    seqs,
    seqs.toSorted((a, b) => a - b),
  );
});

test('a webhook keeps its limit of requests in flight, and sends another when one has ended', () => {
  const buffer = bufferOf({ concurrencyPerWebhook: 2 }, { a: 4, b: 1 });
  const sent = sendAll(buffer);
  assert.equal(webhooksOf(sent), 'aba');
  const first = sent[0] ?? assert.fail();
  buffer.attemptEnded(first, null, { startedAt: NOW, now: NOW });
  assert.equal(webhooksOf(sendAll(buffer)), 'a');
  // A sent delivery stays buffered until it is recorded.
  assert.equal(buffer.buffered, 5);
  buffer.recorded(first);
  assert.equal(buffer.buffered, 4);
});

test('a webhook buffers at most its capacity, including sent deliveries that are not yet recorded', () => {
  const buffer = bufferOf({ capacityPerWebhook: 3 }, { a: 3 });
  assert.equal(buffer.add(delivery('a')), false);
  assert.equal(buffer.add(delivery('b')), true);
  const sent = buffer.next(NOW) ?? assert.fail();
  buffer.attemptEnded(sent, null, { startedAt: NOW, now: NOW });
  assert.equal(buffer.add(delivery('a')), false);
  buffer.recorded(sent);
  assert.equal(buffer.add(delivery('a')), true);
});

test('even with many slow webhooks there is room for the next one', () => {
  const buffer = bufferOf({ capacity: 20_000, capacityPerWebhook: 2_000 });
  for (let webhook = 0; webhook < 60; webhook += 1) {
    assert.ok(buffer.add(delivery(`w${webhook}`)), `the first of webhook ${webhook}`);
    while (buffer.add(delivery(`w${webhook}`)));
  }
  assert.ok(buffer.buffered < 20_000);
  assert.ok(buffer.add(delivery('newcomer')));
});

test('deliveries within the claim budgets fit into the buffer', () => {
  const buffer = bufferOf({ capacity: 1_001, capacityPerWebhook: 100 }, { a: 7, b: 1 });
  for (let round = 0; buffer.claimBudget > 0; round += 1) {
    const { claimBudget, perWebhookBudget } = buffer;
    const webhookId = `w${round % 3}`;
    const count = Math.min(claimBudget, perWebhookBudget - buffer.bufferedFor(webhookId));
    if (round > 3 && count <= 0) break;
    for (let n = 0; n < count; n += 1) assert.ok(buffer.add(delivery(webhookId)), `round ${round}`);
  }
});

test('the capacity is never exceeded', () => {
  const buffer = bufferOf({ capacity: 7, capacityPerWebhook: 7 });
  for (let n = 0; n < 100; n += 1) buffer.add(delivery(`w${n}`));
  assert.equal(buffer.buffered, 7);
  assert.equal(buffer.claimBudget, 0);
  assert.equal(buffer.perWebhookBudget, 0);
});

test('removing the waiting deliveries of a webhook leaves its requests in flight alone', () => {
  const buffer = bufferOf({ concurrencyPerWebhook: 1 }, { a: 3, b: 1 });
  const sending = buffer.next(NOW) ?? assert.fail();
  buffer.removeWaiting('a');
  buffer.removeWaiting('unknown');
  assert.equal(buffer.buffered, 2);
  assert.deepEqual(
    buffer
      .bufferedCounts()
      .map(({ webhookId, count }) => `${webhookId}${count}`)
      .toSorted(),
    ['a1', 'b1'],
  );
  assert.equal(webhooksOf(sendAll(buffer)), 'b');
  buffer.attemptEnded(sending, null, { startedAt: NOW, now: NOW });
  buffer.recorded(sending);
  assert.equal(buffer.buffered, 1);
  assert.equal(buffer.bufferedFor('a'), 0);
  buffer.add(delivery('a'));
  assert.equal(webhooksOf(sendAll(buffer)), 'a');
});

test('draining removes all waiting deliveries, and none that is in flight', () => {
  const buffer = bufferOf({}, { a: 2, b: 2 });
  const sending = sendSome(buffer, 1);
  const drained = buffer.drain();
  assert.equal(webhooksOf(drained.toSorted((x, y) => x.seq - y.seq)), 'abb');
  assert.equal(buffer.buffered, 1);
  assert.equal(buffer.next(NOW), null);
  assert.deepEqual(buffer.drain(), []);
  for (const one of sending) {
    buffer.attemptEnded(one, null, { startedAt: NOW, now: NOW });
    buffer.recorded(one);
  }
  assert.deepEqual([buffer.buffered, buffer.bufferedCounts()], [0, []]);
});

test('after any sequence of calls the counts are right, and nothing is sent twice', () => {
  const buffer = bufferOf({ concurrencyPerWebhook: 2, capacity: 40, capacityPerWebhook: 4 });
  const sending: ReadyDelivery[] = [];
  const seen = new Set<number>();
  for (let n = 0; n < 5_000; n += 1) {
    const act = (n * 7_919) % 11;
    if (act < 5) buffer.add(delivery(`w${(n * 31) % 5}`));
    else if (act < 8) sending.push(...[buffer.next(NOW)].filter((next) => next !== null));
    else if (n % 501 === 0) buffer.removeWaiting(`w${n % 5}`);
    else if (sending.length > 0) {
      const one = sending.shift() ?? assert.fail();
      buffer.attemptEnded(one, null, { startedAt: NOW, now: NOW });
      buffer.recorded(one);
      assert.ok(!seen.has(one.seq));
      seen.add(one.seq);
    }
    const counts = buffer.bufferedCounts().map(({ count }) => count);
    assert.ok(counts.every((count) => count > 0 && count <= 4));
    assert.equal(
      buffer.buffered,
      counts.reduce((sum, count) => sum + count, 0),
    );
    assert.ok(buffer.buffered >= sending.length && buffer.buffered <= 40);
  }
  assert.ok(seen.size > 500);
});

test('a sent delivery is not kept in memory while its webhook stays busy', async () => {
  setFlagsFromString('--expose_gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const buffer = bufferOf({}, { a: 1 });
  buffer.next(NOW);
  const sent = sendAndRecord(buffer);
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  assert.equal(buffer.buffered, 1);
  assert.equal(sent.deref(), undefined);
});

function sendAndRecord(buffer: DeliveryBuffer): WeakRef<ReadyDelivery> {
  buffer.add(delivery('a'));
  const one = buffer.next(NOW) ?? assert.fail();
  buffer.attemptEnded(one, null, { startedAt: NOW, now: NOW });
  buffer.recorded(one);
  return new WeakRef(one);
}

test("a webhook's own limit replaces the default, and the newest delivery carries it", () => {
  const buffer = bufferOf({ concurrencyPerWebhook: 2 });
  const pushed = (webhookId: string, maxInFlight?: number) => {
    const made = delivery(webhookId);
    const webhook = { ...made.webhook, ...(maxInFlight === undefined ? {} : { maxInFlight }) };
    assert.ok(buffer.add({ ...made, webhook }));
  };
  for (let n = 0; n < 5; n += 1) pushed('a', 1);
  for (let n = 0; n < 5; n += 1) pushed('b', 3);
  for (let n = 0; n < 5; n += 1) pushed('c');
  assert.equal(webhooksOf(sendAll(buffer)).split('').toSorted().join(''), 'abbbcc');
  pushed('a', 3);
  assert.equal(webhooksOf(sendAll(buffer)), 'aa');
});
