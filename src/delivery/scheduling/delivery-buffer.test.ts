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

function queuesOf(options: Partial<DeliveryBufferOptions>, waiting: Record<string, number> = {}) {
  const queues = new DeliveryBuffer({ ...ROOMY, ...options });
  for (const [webhookId, count] of Object.entries(waiting)) {
    for (let n = 0; n < count; n += 1) assert.ok(queues.add(delivery(webhookId)));
  }
  return queues;
}

function takeAll(queues: DeliveryBuffer): ReadyDelivery[] {
  const taken: ReadyDelivery[] = [];
  for (let next = queues.next(NOW); next; next = queues.next(NOW)) taken.push(next);
  return taken;
}

const webhooksOf = (deliveries: readonly ReadyDelivery[]) => deliveries.map((one) => one.webhook.id).join('');

test('webhooks take turns, one delivery each, however many one has waiting', () => {
  const queues = queuesOf({}, { a: 5, b: 1, c: 2 });
  assert.equal(webhooksOf(takeAll(queues)), 'abcacaaa');
});

test('one that comes late and has nothing under way is next', () => {
  const queues = queuesOf({}, { a: 5, b: 5 });
  takeSome(queues, 2);
  queues.add(delivery('c'));
  assert.equal(webhooksOf(takeSome(queues, 3)), 'cab');
});

function takeSome(queues: DeliveryBuffer, count: number): ReadyDelivery[] {
  return Array.from({ length: count }, () => queues.next(NOW) ?? assert.fail('nothing is next'));
}

test('the deliveries of a webhook come in the order in which they were pushed', () => {
  const queues = queuesOf({ concurrencyPerWebhook: 700 }, { a: 700 });
  const seqs = takeAll(queues).map((one) => one.seq);
  assert.equal(seqs.length, 700);
  assert.deepEqual(
    seqs,
    seqs.toSorted((a, b) => a - b),
  );
});

test('a webhook sends no more at once than it may, and goes on when a request has ended', () => {
  const queues = queuesOf({ concurrencyPerWebhook: 2 }, { a: 4, b: 1 });
  const taken = takeAll(queues);
  assert.equal(webhooksOf(taken), 'aba');
  const first = taken[0] ?? assert.fail();
  queues.attemptEnded(first, null, NOW);
  assert.equal(webhooksOf(takeAll(queues)), 'a');
  // What is sent is held until it is recorded.
  assert.equal(queues.buffered, 5);
  queues.recorded(first);
  assert.equal(queues.buffered, 4);
});

test('a webhook holds no more than its capacity, sent and not yet recorded ones among it', () => {
  const queues = queuesOf({ capacityPerWebhook: 3 }, { a: 3 });
  assert.equal(queues.add(delivery('a')), false);
  assert.equal(queues.add(delivery('b')), true);
  const sent = queues.next(NOW) ?? assert.fail();
  queues.attemptEnded(sent, null, NOW);
  assert.equal(queues.add(delivery('a')), false);
  queues.recorded(sent);
  assert.equal(queues.add(delivery('a')), true);
});

test('however many slow webhooks there are, the next finds room', () => {
  const queues = queuesOf({ capacity: 20_000, capacityPerWebhook: 2_000 });
  for (let webhook = 0; webhook < 60; webhook += 1) {
    assert.ok(queues.add(delivery(`w${webhook}`)), `the first of webhook ${webhook}`);
    while (queues.add(delivery(`w${webhook}`)));
  }
  assert.ok(queues.buffered < 20_000);
  assert.ok(queues.add(delivery('newcomer')));
});

test('what a claim is allowed to take fits', () => {
  const queues = queuesOf({ capacity: 1_001, capacityPerWebhook: 100 }, { a: 7, b: 1 });
  for (let round = 0; queues.claimBudget > 0; round += 1) {
    const { claimBudget, perWebhookBudget } = queues;
    const webhookId = `w${round % 3}`;
    const count = Math.min(claimBudget, perWebhookBudget - queues.bufferedFor(webhookId));
    if (round > 3 && count <= 0) break;
    for (let n = 0; n < count; n += 1) assert.ok(queues.add(delivery(webhookId)), `round ${round}`);
  }
});

test('capacity is never exceeded, whoever pushes', () => {
  const queues = queuesOf({ capacity: 7, capacityPerWebhook: 7 });
  for (let n = 0; n < 100; n += 1) queues.add(delivery(`w${n}`));
  assert.equal(queues.buffered, 7);
  assert.equal(queues.claimBudget, 0);
  assert.equal(queues.perWebhookBudget, 0);
});

test('forgetting a webhook drops what waits, and leaves what is being sent to end as it may', () => {
  const queues = queuesOf({ concurrencyPerWebhook: 1 }, { a: 3, b: 1 });
  const sending = queues.next(NOW) ?? assert.fail();
  queues.removeWaiting('a');
  queues.removeWaiting('unknown');
  assert.equal(queues.buffered, 2);
  assert.deepEqual(
    queues
      .bufferedCounts()
      .map(({ webhookId, count }) => `${webhookId}${count}`)
      .toSorted(),
    ['a1', 'b1'],
  );
  assert.equal(webhooksOf(takeAll(queues)), 'b');
  queues.attemptEnded(sending, null, NOW);
  queues.recorded(sending);
  assert.equal(queues.buffered, 1);
  assert.equal(queues.bufferedFor('a'), 0);
  queues.add(delivery('a'));
  assert.equal(webhooksOf(takeAll(queues)), 'a');
});

test('draining takes out all that waits, and nothing that is being sent', () => {
  const queues = queuesOf({}, { a: 2, b: 2 });
  const sending = takeSome(queues, 1);
  const drained = queues.drain();
  assert.equal(webhooksOf(drained.toSorted((x, y) => x.seq - y.seq)), 'abb');
  assert.equal(queues.buffered, 1);
  assert.equal(queues.next(NOW), null);
  assert.deepEqual(queues.drain(), []);
  for (const one of sending) {
    queues.attemptEnded(one, null, NOW);
    queues.recorded(one);
  }
  assert.deepEqual([queues.buffered, queues.bufferedCounts()], [0, []]);
});

test('whatever happens, the count is that of what is there, and nothing is sent twice', () => {
  const queues = queuesOf({ concurrencyPerWebhook: 2, capacity: 40, capacityPerWebhook: 4 });
  const sending: ReadyDelivery[] = [];
  const seen = new Set<number>();
  for (let n = 0; n < 5_000; n += 1) {
    const act = (n * 7_919) % 11;
    if (act < 5) queues.add(delivery(`w${(n * 31) % 5}`));
    else if (act < 8) sending.push(...[queues.next(NOW)].filter((next) => next !== null));
    else if (n % 501 === 0) queues.removeWaiting(`w${n % 5}`);
    else if (sending.length > 0) {
      const one = sending.shift() ?? assert.fail();
      queues.attemptEnded(one, null, NOW);
      queues.recorded(one);
      assert.ok(!seen.has(one.seq));
      seen.add(one.seq);
    }
    const counts = queues.bufferedCounts().map(({ count }) => count);
    assert.ok(counts.every((count) => count > 0 && count <= 4));
    assert.equal(
      queues.buffered,
      counts.reduce((sum, count) => sum + count, 0),
    );
    assert.ok(queues.buffered >= sending.length && queues.buffered <= 40);
  }
  assert.ok(seen.size > 500);
});

test('what was sent is not kept in memory while its webhook stays busy', async () => {
  setFlagsFromString('--expose_gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const queues = queuesOf({}, { a: 1 });
  queues.next(NOW);
  const sent = sendAndSettle(queues);
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  assert.equal(queues.buffered, 1);
  assert.equal(sent.deref(), undefined);
});

function sendAndSettle(queues: DeliveryBuffer): WeakRef<ReadyDelivery> {
  queues.add(delivery('a'));
  const one = queues.next(NOW) ?? assert.fail();
  queues.attemptEnded(one, null, NOW);
  queues.recorded(one);
  return new WeakRef(one);
}

test("a webhook's own limit takes the place of the service's, and the newest delivery bears it", () => {
  const queues = queuesOf({ concurrencyPerWebhook: 2 });
  const pushed = (webhookId: string, maxInFlight?: number) => {
    const made = delivery(webhookId);
    const webhook = { ...made.webhook, ...(maxInFlight === undefined ? {} : { maxInFlight }) };
    assert.ok(queues.add({ ...made, webhook }));
  };
  for (let n = 0; n < 5; n += 1) pushed('a', 1);
  for (let n = 0; n < 5; n += 1) pushed('b', 3);
  for (let n = 0; n < 5; n += 1) pushed('c');
  assert.equal(webhooksOf(takeAll(queues)).split('').toSorted().join(''), 'abbbcc');
  pushed('a', 3);
  assert.equal(webhooksOf(takeAll(queues)), 'aa');
});
