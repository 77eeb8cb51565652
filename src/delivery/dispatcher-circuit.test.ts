import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ReadyDelivery, Settlement } from '../domain/delivery.ts';
import type { DispatcherOptions } from './dispatcher-options.ts';
import { FAILURES_TO_OPEN, FIRST_INTERVAL_MS } from './scheduling/circuit.ts';
import { ATTEMPT_TIMEOUT_MS, setUpDispatcher, turns } from './testing/dispatching.ts';

type SetUp = Awaited<ReturnType<typeof setUpDispatcher>>;

async function advance(t: TestContext, ms: number, stepMs = 50): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    t.mock.timers.tick(Math.min(stepMs, ms - passed));
    await turns(8);
  }
}

/** Offers `count` deliveries of `w`, each of a lane of its own. */
function offer({ queue, dispatcher }: SetUp, count: number, lane = 'm'): void {
  dispatcher.offer(Array.from({ length: count }, (_, n) => queue.commit('w', `${lane}${n}`)).flat());
}

/** Creates a dispatcher with a webhook `w` whose circuit has just opened. */
async function setUpOpen(t: TestContext, waiting = 0): Promise<SetUp> {
  const setUp = await setUpDispatcher(t);
  offer(setUp, FAILURES_TO_OPEN + waiting);
  for (let n = 0; n < FAILURES_TO_OPEN; n += 1) setUp.attempts.fail('failed');
  await turns();
  assert.equal(setUp.dispatcher.circuits.of('w').state, 'open');
  for (const { delivery } of [...setUp.attempts.inFlight])
    setUp.attempts.fail('pending', delivery.webhook.id);
  await turns();
  return setUp;
}

test('an open circuit sends nothing, then one probe; an answer to it closes the circuit', async (t) => {
  const setUp = await setUpOpen(t);
  const { queue, attempts, dispatcher } = setUp;
  offer(setUp, 20, 'later');
  await turns();
  assert.equal(attempts.inFlight.length, 0);
  assert.deepEqual([dispatcher.buffered, queue.claimed], [1, 1]);
  await advance(t, FIRST_INTERVAL_MS - 50);
  assert.equal(attempts.inFlight.length, 0);
  await advance(t, 50);
  assert.deepEqual([attempts.inFlight.length, dispatcher.circuits.of('w').state], [1, 'half_open']);
  await advance(t, 5_000);
  assert.equal(attempts.inFlight.length, 1);
  attempts.answer();
  await turns();
  assert.deepEqual([attempts.inFlight.length, dispatcher.circuits.of('w').state], [10, 'closed']);
  while (attempts.inFlight.length > 0) {
    attempts.answer();
    await turns();
  }
  assert.equal(queue.count('succeeded'), 20);
});

test('waiting for a circuit uses up no attempts, and each failed probe doubles the interval', async (t) => {
  const setUp = await setUpOpen(t);
  const { queue, attempts } = setUp;
  offer(setUp, 100, 'later');
  const probes: number[] = [];
  const began = Date.now();
  while (Date.now() - began < 300_000) {
    await advance(t, 50);
    assert.ok(attempts.inFlight.length <= 1);
    if (attempts.inFlight.length === 0) continue;
    probes.push(Date.now());
    attempts.fail();
    await turns(8);
  }
  const gaps = probes.slice(1).map((at, n) => Math.round((at - (probes[n] ?? 0)) / 1_000));
  assert.deepEqual(gaps, [2, 4, 8, 16, 32, 60, 60, 60]);
  const made = queue.rows.slice(FAILURES_TO_OPEN).reduce((sum, row) => sum + row.attempts.length, 0);
  assert.equal(made, probes.length);
  assert.equal(queue.count('pending'), 100);
});

test('the deliveries of an open circuit are neither kept in memory nor claimed and released again and again', async (t) => {
  const setUp = await setUpOpen(t);
  const { queue, attempts, dispatcher } = setUp;
  // Seven failed probes bring the circuit to its longest interval.
  for (let probes = 0; probes < 7; probes += 1) {
    offer(setUp, 1, `probe${probes}`);
    while (attempts.inFlight.length === 0) await advance(t, 50);
    attempts.fail('failed');
    await turns();
  }
  offer(setUp, 200, 'later');
  await advance(t, 2_000);
  const before = queue.calls.length;
  await advance(t, 50_000);
  assert.equal(dispatcher.buffered, 1);
  // After a probe, another delivery may be claimed as the next one.
  assert.ok(queue.calls.length - before <= 4, queue.calls.slice(before).join(' '));
});

test('the probe is the oldest due delivery, even if new ones arrive', async (t) => {
  const setUp = await setUpOpen(t);
  const { attempts } = setUp;
  offer(setUp, 4, 'older');
  const probed: string[] = [];
  for (let n = 0; probed.length < 4; n += 1) {
    offer(setUp, 1, `newer${n}-`);
    await advance(t, 100);
    const [probe] = attempts.inFlight;
    if (!probe) continue;
    probed.push(probe.delivery.id);
    attempts.fail('failed');
    await turns();
  }
  assert.deepEqual(probed, ['d11', 'd12', 'd13', 'd14']);
});

test('a receiver that answers 500 gets all attempts of the schedule, and its circuit stays closed', async (t) => {
  const setUp = await setUpDispatcher(t);
  const { queue, attempts, dispatcher } = setUp;
  offer(setUp, 10);
  const times: number[] = [];
  const began = Date.now();
  while (queue.count('pending') > 0) {
    await advance(t, 50);
    while (attempts.inFlight.length > 0) {
      const [next] = attempts.inFlight;
      times.push(Math.round((Date.now() - began) / 1_000));
      attempts.answer((next?.delivery.attempts ?? 0) < 3 ? 'pending' : 'failed');
      await turns(8);
    }
  }
  assert.equal(times.length, 40);
  assert.deepEqual([...new Set(times)], [0, 3, 6, 9]);
  assert.deepEqual(dispatcher.circuits.counts, { open: 0, halfOpen: 0 });
});

test('a single delivery whose receiver hangs gets its four attempts on schedule', async (t) => {
  const setUp = await setUpDispatcher(t);
  const { queue, attempts } = setUp;
  offer(setUp, 1);
  const began = Date.now();
  const times: number[] = [];
  for (let made = 1; made <= 4; made += 1) {
    await attempts.untilBegun(made);
    times.push(Date.now() - began);
    await advance(t, ATTEMPT_TIMEOUT_MS);
    attempts.fail(made < 4 ? 'pending' : 'failed');
    await advance(t, made < 4 ? 3_000 : 50);
  }
  assert.deepEqual(times, [0, 13_000, 26_000, 39_000]);
  assert.equal(queue.row(1).state, 'failed');
});

test('a webhook whose URL has changed starts with a closed circuit, and attempts to the old URL do not count', async (t) => {
  const setUp = await setUpOpen(t);
  const { queue, attempts, dispatcher } = setUp;
  offer(setUp, 12, 'later');
  await advance(t, FIRST_INTERVAL_MS);
  assert.equal(attempts.inFlight.length, 1);
  dispatcher.reloadWebhook('w');
  await advance(t, 1_100);
  assert.equal(attempts.inFlight.length, 10);
  for (let n = 0; n < FAILURES_TO_OPEN; n += 1) attempts.fail('failed');
  await turns();
  // Only nine of the ten went to the new URL.
  assert.equal(dispatcher.circuits.of('w').state, 'closed');
  while (queue.count('pending') > 0) {
    while (attempts.inFlight.length > 0) attempts.answer();
    await advance(t, 50);
  }
  assert.equal(queue.count('succeeded'), 2);
});

test('the circuit of a removed webhook is removed', async (t) => {
  const { dispatcher } = await setUpOpen(t, 3);
  dispatcher.removeWebhook('w');
  assert.deepEqual(dispatcher.circuits.counts, { open: 0, halfOpen: 0 });
});

test('attempts that a stop interrupts do not count for the circuit', async (t) => {
  const setUp = await setUpDispatcher(t);
  offer(setUp, FAILURES_TO_OPEN);
  const stopping = setUp.dispatcher.stop();
  for (let n = 0; n < FAILURES_TO_OPEN; n += 1) setUp.attempts.fail();
  await stopping;
  assert.equal(setUp.dispatcher.circuits.of('w').state, 'closed');
});

test('attempts that say nothing about the receiver do not count for the circuit', async (t) => {
  const setUp = await setUpDispatcher(t);
  offer(setUp, FAILURES_TO_OPEN);
  for (let n = 0; n < FAILURES_TO_OPEN; n += 1) setUp.attempts.fail('pending', undefined, 'unknown');
  await turns();
  assert.equal(setUp.dispatcher.circuits.of('w').state, 'closed');
  assert.equal(setUp.queue.row(1).delivery.attemptsBefore, 1);
});

test('requests that can not be sent for a cause on our own side open no circuit, and are tried again', async (t) => {
  let isLacking = true;
  let tries = 0;
  const attempt: DispatcherOptions['attempt'] = (delivery, onEnd) => {
    tries += 1;
    onEnd(isLacking ? null : settlementOf(delivery, Date.now()), null);
  };
  const setUp = await setUpDispatcher(t, { attempt });
  const { queue, dispatcher } = setUp;
  offer(setUp, 2 * FAILURES_TO_OPEN);
  await advance(t, 5_000);
  assert.ok(tries > 4 * FAILURES_TO_OPEN, `${tries} tries`);
  assert.equal(dispatcher.circuits.of('w').state, 'closed');
  assert.deepEqual([queue.count('pending'), queue.count('failed')], [2 * FAILURES_TO_OPEN, 0]);
  isLacking = false;
  await advance(t, 5_000);
  assert.equal(queue.count('succeeded'), 2 * FAILURES_TO_OPEN);
  assert.deepEqual([dispatcher.buffered, queue.claimed], [0, 0]);
});

function settlementOf({ seq, attempts, webhook }: ReadyDelivery, at: number): Settlement {
  const attempt = {
    number: attempts + 1,
    at,
    durationMs: 1,
    status: 200,
    response: '',
    error: null,
    revision: null,
  };
  return { seq, webhookId: webhook.id, attempt, verdict: { state: 'succeeded' }, receiver: 'works' };
}
