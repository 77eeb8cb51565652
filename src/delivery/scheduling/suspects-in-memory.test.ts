import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt, ReadyDelivery } from '../../domain/delivery.ts';
import { FAILURES_TO_OPEN, FAILURES_TO_OPEN_WHEN_CROWDED } from './circuit.ts';
import { DeliveryBuffer } from './delivery-buffer.ts';

const T0 = 1_000_000;
const TIMEOUT_MS = 10_000;

let seq = 0;
function delivery(webhookId: string, host = webhookId): ReadyDelivery {
  seq += 1;
  const event = { id: `e${seq}`, mediaId: `m${seq}`, body: '{}' };
  const webhook = { id: webhookId, url: `http://${host}.example/`, secret: 's' };
  return { id: `d${seq}`, seq, event, webhook, attempts: 0, attemptsBefore: 0 };
}

/** Buffer with room for a hundred requests and a thousand deliveries, whose webhooks answer or time out. */
function setUp({ concurrencyPerHost = 100 } = {}) {
  const buffer = new DeliveryBuffer({
    concurrency: 100,
    concurrencyPerWebhook: 10,
    concurrencyPerHost,
    capacity: 1_000,
    capacityPerWebhook: 100,
    attemptTimeoutMs: TIMEOUT_MS,
  });
  const inFlight: ReadyDelivery[] = [];
  let now = T0;
  const send = () => {
    for (let next = buffer.next(now); next; next = buffer.next(now)) inFlight.push(next);
    return inFlight.length;
  };
  const end = (fields: Pick<Attempt, 'durationMs' | 'status' | 'error'>) => {
    const startedAt = now;
    now += fields.durationMs;
    return inFlight.splice(0).map((one) => {
      const attempt = { number: 1, at: startedAt, response: null, revision: null, ...fields };
      const change = buffer.attemptEnded(one, attempt, { startedAt, now });
      buffer.recorded(one);
      return change;
    });
  };
  const timeOut = () => end({ durationMs: TIMEOUT_MS, status: null, error: 'no answer' });
  const answer = () => end({ durationMs: 5, status: 200, error: null });
  return { buffer, send, timeOut, answer };
}

test('webhooks that were found slow have a quarter of the memory, and claims bring them nothing while it is used up', () => {
  const { buffer, send, timeOut } = setUp();
  for (let round = 0; round < 4; round += 1) {
    for (let n = 0; n < 75; n += 1) buffer.add(delivery(`${round}-${n}`));
    send();
    timeOut();
  }
  const ids = Array.from({ length: 300 }, (_, n) => `${Math.floor(n / 75)}-${n % 75}`);
  assert.equal(ids.filter((id) => buffer.add(delivery(id))).length, 250);
  assert.equal(buffer.buffered, 250);
  assert.equal(buffer.add(delivery('unknown')), true);
  const full = buffer.bufferedCounts().filter(({ count }) => count >= buffer.perWebhookBudget);
  assert.deepEqual(full.map(({ webhookId }) => webhookId).toSorted(), ids.toSorted());
});

test('claims bring a few deliveries of each webhook that was found slow, once there is room', () => {
  const { buffer, send, timeOut } = setUp();
  buffer.add(delivery('slow'));
  for (let n = 0; n < FAILURES_TO_OPEN; n += 1) {
    buffer.add(delivery('open'));
    send();
    timeOut();
  }
  const { perWebhookBudget } = buffer;
  const room = Object.fromEntries(
    buffer.bufferedCounts().map(({ webhookId, count }) => [webhookId, perWebhookBudget - count]),
  );
  assert.deepEqual(room, { slow: 20, open: 1 });
});

test('a webhook that answers keeps its rating after it has left memory, until it times out', () => {
  const { buffer, send, timeOut, answer } = setUp();
  buffer.add(delivery('works'));
  send();
  answer();
  // New webhooks that hang use up all that new webhooks may use.
  for (let n = 0; n < 200; n += 1) buffer.add(delivery(`new-${n}`));
  assert.equal(send(), 75);
  buffer.add(delivery('works'));
  assert.equal(send(), 76);
  timeOut();
  assert.equal(send(), 75, 'the next new webhooks take their places');
  buffer.add(delivery('works'));
  assert.equal(send(), 75, 'it is suspect now');
});

for (const [share, host] of [
  ['all requests', null],
  ["their host's requests", 'shared'],
] as const) {
  test(`circuits open after three time-outs while suspect webhooks wait for their share of ${share}`, () => {
    const { buffer, send, timeOut } = setUp({ concurrencyPerHost: host === null ? 100 : 20 });
    const [webhooks, atOnce] = host === null ? [60, 50] : [15, 10];
    const open = () => buffer.circuits.counts.open;
    for (let round = 0; open() === 0; round += 1) {
      for (let n = 0; n < webhooks; n += 1) buffer.add(delivery(`h${n}`, host ?? `h${n}`));
      assert.ok(send() >= atOnce);
      timeOut();
      // Each webhook has its turn in some of the rounds.
      assert.ok(round < 2 * FAILURES_TO_OPEN_WHEN_CROWDED);
    }
    assert.ok(open() > 1, `${open()} are open`);
  });
}

test('a circuit opens after ten time-outs while there is room for suspect webhooks', () => {
  const { buffer, send, timeOut } = setUp();
  const changes = Array.from({ length: FAILURES_TO_OPEN }, () => {
    buffer.add(delivery('w'));
    send();
    return timeOut()[0];
  });
  assert.deepEqual(changes, [...Array.from({ length: FAILURES_TO_OPEN - 1 }, () => 'failed'), 'opened']);
});

test('webhooks that failed when the last process ended are suspect, until they answer', () => {
  const { buffer, send, answer } = setUp();
  const ids = Array.from({ length: 100 }, (_, n) => `failing-${n}`);
  buffer.noteFailing(ids);
  for (const id of ids) buffer.add(delivery(id));
  assert.equal(send(), 50, 'their share of the requests');
  for (let n = 0; n < 25; n += 1) buffer.add(delivery(`new-${n}`));
  assert.equal(send(), 75, 'new webhooks do not wait for them');
  answer();
  send();
  answer();
  for (const id of ids) buffer.add(delivery(id));
  assert.equal(send(), 100, 'they are known healthy');
});
