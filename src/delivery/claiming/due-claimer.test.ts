import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setUpDispatcher, turns } from '../testing/dispatching.ts';

const claims = ({ calls }: { calls: readonly string[] }) => calls.filter((call) => call === 'claim').length;

test('deliveries without room are released, and claimed when there is room, without waiting for a timer', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { capacityPerWebhook: 4 });
  dispatcher.offer(['a', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((media) => queue.commit('w', media)));
  await turns();
  assert.deepEqual([dispatcher.buffered, queue.claimed], [4, 4]);
  for (let n = 0; n < 7; n += 1) {
    attempts.answer();
    await turns();
  }
  assert.deepEqual(attempts.begun, ['d1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7']);
  assert.equal(queue.count('succeeded'), 7);
});

test('a claim that skips a full webhook remembers that it overflowed', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { capacityPerWebhook: 4 });
  dispatcher.offer(['a', 'b', 'c', 'd', 'e', 'f'].flatMap((media) => queue.commit('w', media)));
  await turns();
  dispatcher.claimSoon();
  t.mock.timers.tick(50);
  await turns();
  assert.deepEqual([dispatcher.buffered, claims(queue) > 1], [4, true]);
  for (let n = 0; n < 4; n += 1) attempts.answer();
  await turns();
  assert.equal(attempts.begun.length, 6);
});

test('a webhook that is emptied while a claim skips it is claimed for afterwards', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { capacityPerWebhook: 4 });
  dispatcher.offer(['a', 'b', 'c', 'd', 'e', 'f'].flatMap((media) => queue.commit('w', media)));
  await turns();
  const gate = Promise.withResolvers<void>();
  queue.after = async (call) => (call === 'claim' ? gate.promise : undefined);
  dispatcher.claimSoon();
  t.mock.timers.tick(50);
  await turns();
  for (let n = 0; n < 4; n += 1) attempts.answer();
  await turns();
  assert.equal(dispatcher.buffered, 0);
  gate.resolve();
  await turns();
  assert.equal(attempts.begun.length, 6);
});

test('claims that could not be released are released when the database works again', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { capacityPerWebhook: 1 });
  let full = true;
  queue.before = async (call) => {
    if (full && call === 'release') throw new Error('the disk is full');
  };
  dispatcher.offer([...queue.commit('w', 'a'), ...queue.commit('w', 'b')]);
  await turns();
  attempts.answer();
  await turns();
  assert.equal(queue.claimed, 1);
  full = false;
  for (let n = 0; n < 2; n += 1) {
    t.mock.timers.tick(1_050);
    await turns();
  }
  assert.deepEqual(attempts.begun, ['d1', 'd2']);
});

test('a failed claim is retried', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  let failures = 3;
  queue.before = async (call) => {
    if ((call === 'claim' || call === 'nextDueAt') && failures-- > 0) throw new Error('no database');
  };
  queue.commitUnclaimed('w', 'm1');
  dispatcher.claimSoon();
  for (let n = 0; n < 4; n += 1) {
    t.mock.timers.tick(1_050);
    await turns();
  }
  assert.deepEqual(attempts.begun, ['d1']);
});

test('a delivery that becomes due during a claim is claimed afterwards', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  const gate = Promise.withResolvers<void>();
  queue.after = async (call) => (call === 'nextDueAt' ? gate.promise : undefined);
  dispatcher.claimSoon();
  t.mock.timers.tick(50);
  await turns();
  queue.commitUnclaimed('w', 'm1');
  dispatcher.claimSoon();
  t.mock.timers.tick(50);
  await turns();
  assert.deepEqual(attempts.begun, []);
  gate.resolve();
  await turns();
  assert.deepEqual(attempts.begun, ['d1']);
});

test('a retry that becomes due during a claim does not wait for the next timer', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  dispatcher.claimSoon();
  queue.before = async (call) => {
    if (call !== 'nextDueAt') return;
    queue.before = async () => {};
    t.mock.timers.tick(100);
    queue.commitUnclaimed('w', 'm1');
    queue.row(1).nextAttemptAt = Date.now();
  };
  t.mock.timers.tick(50);
  await turns();
  t.mock.timers.tick(50);
  await turns();
  assert.deepEqual(attempts.begun, ['d1']);
});

test('each of several retries is sent at its own time', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  for (const media of ['a', 'b', 'c']) {
    dispatcher.offer(queue.commit('w', media));
    attempts.answer('pending');
    await turns();
    t.mock.timers.tick(1_000);
  }
  for (const expected of [4, 5, 6]) {
    await turns();
    assert.equal(attempts.begun.length, expected);
    t.mock.timers.tick(1_000);
  }
  assert.deepEqual(attempts.begun.slice(3), ['d1', 'd2', 'd3']);
  t.mock.timers.tick(600_000);
  await turns();
  assert.equal(attempts.begun.length, 6);
});

test('retries that are due at nearly the same time share a claim, and there are no claims while nothing is due', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, {
    concurrency: 1_000,
    concurrencyPerWebhook: 50,
  });
  for (let n = 0; n < 40; n += 1) {
    dispatcher.offer(queue.commit('w', `m${n}`));
    attempts.answer('pending');
    t.mock.timers.tick(1);
  }
  await turns();
  const before = claims(queue);
  for (let ms = 0; ms < 3_100; ms += 1) {
    t.mock.timers.tick(1);
    await turns(4);
  }
  assert.equal(attempts.begun.length, 80);
  // Each claim is followed by one that finds nothing.
  assert.ok(claims(queue) - before <= 4, `${claims(queue) - before} claims`);
  const idle = queue.calls.length;
  t.mock.timers.tick(3_600_000);
  await turns();
  assert.equal(queue.calls.length, idle);
});

test('many webhooks that hang with backlogs do not block another one', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, {
    capacity: 400,
    concurrencyPerWebhook: 2,
  });
  for (let webhook = 0; webhook < 20; webhook += 1) {
    const media = Array.from({ length: 100 }, (_, n) => `m${n}`);
    dispatcher.offer(media.flatMap((one) => queue.commit(`hanging-${webhook}`, one)));
    await turns();
  }
  assert.ok(dispatcher.buffered < 400);
  for (let n = 0; n < 30; n += 1) {
    dispatcher.offer(queue.commit('good', `m${n}`));
    attempts.answer('succeeded', 'good');
    t.mock.timers.tick(500);
    await turns();
  }
  assert.equal(queue.count('succeeded'), 30);
});

test('every webhook with a backlog gets its turn while memory is full', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { capacity: 8, concurrency: 8 });
  const webhooks = Array.from({ length: 26 }, (_, n) => String.fromCharCode(97 + n));
  for (const webhook of webhooks) {
    for (let n = 0; n < 40; n += 1) queue.commitUnclaimed(webhook, `m${n}`);
  }
  dispatcher.claimSoon();
  const served = new Set<string>();
  for (let n = 0; n < 200; n += 1) {
    t.mock.timers.tick(1_050);
    await turns(8);
    const [next] = attempts.inFlight;
    assert.ok(next && dispatcher.buffered <= 8);
    served.add(next.delivery.webhook.id);
    attempts.answer();
  }
  assert.deepEqual([...served].toSorted(), webhooks);
});

test('a webhook at which a claim reached its limit is claimed for again at once', async (t) => {
  const { queue, dispatcher } = await setUpDispatcher(t, { started: false, capacity: 80 });
  // A claim takes an eighth of 80, which ends in the middle of the second webhook, within its share of eight.
  for (let n = 0; n < 5; n += 1) queue.commitUnclaimed('w1', `a${n}`);
  for (let n = 0; n < 7; n += 1) queue.commitUnclaimed('w2', `b${n}`);
  await dispatcher.start();
  await turns();
  assert.deepEqual([dispatcher.buffered, queue.claimed], [12, 12]);
});

test('a claim that stops before it has enough is continued, and the round ends', async (t) => {
  const { queue, dispatcher } = await setUpDispatcher(t, { started: false });
  for (const webhookId of ['w1', 'w2']) queue.commitUnclaimed(webhookId, 'a');
  const claim = queue.claim.bind(queue);
  let stopped = 0;
  queue.claim = async (request) => {
    if (request.after !== null) return claim(request);
    stopped += 1;
    return { ready: [], after: '0' };
  };
  await dispatcher.start();
  await turns();
  assert.equal(queue.claimed, 2);
  assert.equal(stopped, 1, 'one round found everything');
});
