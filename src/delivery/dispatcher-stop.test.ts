import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STOP_GRACE_MS, setUpDispatcher, turns } from './testing/dispatching.ts';

/** Returns whether a promise has fulfilled after everything has run that can run without a timer. */
async function hasEnded(promise: Promise<void>): Promise<boolean> {
  let ended = false;
  void promise.then(() => {
    ended = true;
  });
  await turns();
  return ended;
}

test('a stop waits for attempts in flight, records them, and releases the other deliveries', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { concurrency: 2 });
  dispatcher.offer(['a', 'b', 'c', 'd'].flatMap((webhook) => queue.commit(webhook, 'm1')));
  const stopping = dispatcher.stop();
  assert.equal(await hasEnded(stopping), false);
  attempts.answer();
  assert.equal(await hasEnded(stopping), false);
  attempts.answer('failed');
  await stopping;
  assert.deepEqual([queue.count('succeeded'), queue.count('failed'), queue.claimed], [1, 1, 0]);
  assert.deepEqual([attempts.begun.length, dispatcher.buffered], [2, 0]);
});

test('a stop interrupts attempts when the grace period is over, and records them', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  dispatcher.offer(queue.commit('w', 'm1'));
  const stopping = dispatcher.stop();
  t.mock.timers.tick(STOP_GRACE_MS - 1);
  assert.equal(await hasEnded(stopping), false);
  t.mock.timers.tick(1);
  await stopping;
  assert.deepEqual(
    [attempts.inFlight.length, queue.row(1).attempts.length, queue.count('pending')],
    [0, 1, 1],
  );
});

test('a delivery that is promoted during a stop is released, and stays due', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  dispatcher.offer([...queue.commit('w', 'm1'), ...queue.commit('w', 'm1')]);
  const stopping = dispatcher.stop();
  attempts.answer();
  await stopping;
  assert.deepEqual([queue.row(2).claimedBy, queue.row(2).nextAttemptAt], [null, Date.now()]);
  assert.equal(attempts.begun.length, 1);
});

test('deliveries that a claim brings during a stop are released', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  const gate = Promise.withResolvers<void>();
  queue.after = async (call) => (call === 'claim' ? gate.promise : undefined);
  queue.commitUnclaimed('w', 'm1');
  dispatcher.claimSoon();
  t.mock.timers.tick(50);
  await turns();
  assert.equal(queue.claimed, 1);
  const stopping = dispatcher.stop();
  assert.equal(await hasEnded(stopping), false);
  gate.resolve();
  await stopping;
  assert.deepEqual([queue.claimed, attempts.begun], [0, []]);
});

test('deliveries that are offered after a stop, or before the start, are released', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { started: false });
  dispatcher.offer(queue.commit('w', 'm1'));
  await turns();
  assert.deepEqual([queue.claimed, attempts.begun], [0, []]);
  await dispatcher.start();
  await attempts.untilBegun(1);
  attempts.answer();
  await dispatcher.stop();
  dispatcher.offer(queue.commit('w', 'm2'));
  await turns();
  assert.deepEqual([queue.claimed, attempts.begun], [0, ['d1']]);
});

test('a stopped dispatcher claims nothing, even when deliveries become due', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  dispatcher.offer(queue.commit('w', 'm1'));
  attempts.answer('pending');
  await turns();
  await dispatcher.stop();
  const calls = queue.calls.length;
  dispatcher.claimSoon();
  t.mock.timers.tick(60_000);
  await turns();
  assert.equal(queue.calls.length, calls);
});

test('a dispatcher can be stopped before the start, and by two callers at once, who both wait', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { started: false });
  await dispatcher.stop();
  assert.deepEqual(queue.calls, []);
  await dispatcher.start();
  dispatcher.offer(queue.commit('w', 'm1'));
  const [first, second] = [dispatcher.stop(), dispatcher.stop()];
  assert.equal(await hasEnded(second), false);
  attempts.answer();
  await Promise.all([first, second]);
  await dispatcher.stop();
});

test('a failing settlement is retried once at a stop, and a dead disk does not prevent the stop', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  let dead = true;
  queue.before = async (call) => {
    if (dead && (call === 'settle' || call === 'release')) throw new Error('the disk is full');
  };
  dispatcher.offer(queue.commit('a', 'm1'));
  attempts.answer();
  await turns();
  const tries = queue.calls.filter((call) => call === 'settle').length;
  await dispatcher.stop();
  assert.equal(queue.calls.filter((call) => call === 'settle').length, tries + 1);
  assert.equal(queue.row(1).state, 'pending');

  // The next process releases the stale claim, and sends the delivery.
  dead = false;
  const restarted = queue.reopen();
  await restarted.releaseStaleClaims(null);
  const next = await restarted.claim({ now: Date.now(), limit: 9, perWebhook: 9, buffered: [], after: null });
  assert.deepEqual(
    next.ready.map(({ id }) => id),
    ['d1'],
  );
});

test('a settlement that failed because the disk was full is recorded by the last try if there is room again', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  let full = true;
  queue.before = async (call) => {
    if (full && call === 'settle') throw new Error('the disk is full');
  };
  dispatcher.offer(queue.commit('a', 'm1'));
  attempts.answer();
  await turns();
  full = false;
  await dispatcher.stop();
  assert.equal(queue.count('succeeded'), 1);
});
