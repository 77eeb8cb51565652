import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setUpDispatcher, turns } from './testing/dispatching.ts';

test('the deliveries of a lane are sent in order, each after the previous one has ended', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  const ready = ['m1', 'm1', 'm1'].flatMap((mediaId) => queue.commit('w', mediaId));
  dispatcher.offer(ready);
  for (const [n, state] of (['succeeded', 'failed', 'succeeded'] as const).entries()) {
    await attempts.untilBegun(n + 1);
    await turns();
    assert.equal(attempts.begun.length, n + 1);
    attempts.answer(state);
  }
  await turns();
  assert.deepEqual(attempts.begun, ['d1', 'd2', 'd3']);
  assert.deepEqual([queue.count('succeeded'), queue.count('failed'), dispatcher.buffered], [2, 1, 0]);
});

test('a retry is sent when it is due, and its lane waits for it', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  dispatcher.offer([...queue.commit('w', 'm1'), ...queue.commit('w', 'm1'), ...queue.commit('w', 'm2')]);
  assert.deepEqual(attempts.begun, ['d1', 'd3']);
  attempts.answer('pending');
  await turns();
  t.mock.timers.tick(2_999);
  await turns();
  assert.deepEqual(attempts.begun, ['d1', 'd3']);
  t.mock.timers.tick(1);
  await attempts.untilBegun(3);
  attempts.answer('succeeded');
  attempts.answer('succeeded');
  await attempts.untilBegun(4);
  assert.deepEqual(attempts.begun, ['d1', 'd3', 'd1', 'd2']);
  assert.equal(queue.row(1).attempts.length, 2);
});

test('the limits of requests in flight hold, in total and for each webhook', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, {
    concurrency: 5,
    concurrencyPerWebhook: 2,
  });
  const webhooks = ['a', 'b', 'c', 'd'];
  dispatcher.offer(webhooks.flatMap((w) => ['m1', 'm2', 'm3'].flatMap((m) => queue.commit(w, m))));
  while (attempts.inFlight.length > 0) {
    assert.ok(attempts.inFlight.length <= 5);
    const busy = Map.groupBy(attempts.inFlight, ({ delivery }) => delivery.webhook.id);
    for (const [webhook, requests] of busy) assert.ok(requests.length <= 2, webhook);
    attempts.answer();
    await turns();
  }
  assert.equal(queue.count('succeeded'), 12);
});

test('a webhook that hangs does not delay others', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, {
    concurrency: 4,
    concurrencyPerWebhook: 2,
  });
  dispatcher.offer(['m1', 'm2', 'm3', 'm4'].flatMap((m) => queue.commit('hanging', m)));
  for (let n = 0; n < 20; n += 1) {
    dispatcher.offer(queue.commit('good', `m${n}`));
    attempts.answer('succeeded', 'good');
    await turns();
  }
  assert.equal(queue.count('succeeded'), 20);
});

test('claims can begin later than the start, which sends what is offered meanwhile', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { started: false });
  queue.reopen().commit('a', 'm1');
  const { promise: listening, resolve: listens } = Promise.withResolvers<void>();
  await dispatcher.start(listening);
  dispatcher.offer(queue.commit('b', 'm1'));
  await turns();
  assert.deepEqual([attempts.begun, queue.calls.includes('claim')], [['d2'], false]);
  listens();
  await attempts.untilBegun(2);
  assert.deepEqual(attempts.begun, ['d2', 'd1']);
});

test('a dispatcher that was stopped before claims may begin claims nothing', async (t) => {
  const { queue, dispatcher } = await setUpDispatcher(t, { started: false });
  queue.reopen().commit('a', 'm1');
  const { promise: listening, resolve: listens } = Promise.withResolvers<void>();
  await dispatcher.start(listening);
  await dispatcher.stop();
  listens();
  await turns();
  assert.equal(queue.calls.includes('claim'), false);
});

test('deliveries that a dead process had claimed are sent after the start', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { started: false });
  const dead = queue.reopen();
  dead.commit('a', 'm1');
  dead.commit('a', 'm1');
  dead.commit('b', 'm1');
  await dispatcher.start();
  await attempts.untilBegun(2);
  assert.deepEqual(attempts.begun, ['d1', 'd3']);
});

test('an attempt that can not even begin because of a defect is made again after a pause, and harms no other', async (t) => {
  const begun: string[] = [];
  const { queue, dispatcher } = await setUpDispatcher(t, {
    attempt: ({ id }) => {
      begun.push(id);
      throw new Error('a defect');
    },
  });
  dispatcher.offer([...queue.commit('w', 'm1'), ...queue.commit('v', 'm1')]);
  await turns();
  assert.deepEqual(begun, ['d1', 'd2']);
  await advance(t, 1_050);
  assert.deepEqual(begun, ['d1', 'd2', 'd1', 'd2']);
  await dispatcher.stop();
  assert.deepEqual([dispatcher.buffered, queue.claimed], [0, 0]);
});

test('an attempt that ends with a defect is made again after a pause', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  dispatcher.offer(queue.commit('w', 'm1'));
  attempts.break(new Error('a defect'));
  await turns();
  assert.equal(attempts.begun.length, 1);
  await advance(t, 1_050);
  assert.deepEqual(attempts.begun, ['d1', 'd1']);
  attempts.answer();
  await turns();
  assert.deepEqual([queue.count('succeeded'), dispatcher.buffered], [1, 0]);
});

test('recording a settlement is retried after a failure, and the delivery is not sent again', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  let failures = 2;
  queue.before = async (call) => {
    if (call === 'settle' && failures-- > 0) throw new Error('the disk is full');
  };
  dispatcher.offer([...queue.commit('w', 'm1'), ...queue.commit('w', 'm1')]);
  attempts.answer();
  await advance(t, 1_000);
  assert.equal(queue.count('succeeded'), 0);
  // Until it is recorded it is held, so that memory stays bounded while the disk is full.
  assert.equal(dispatcher.buffered, 1);
  await advance(t, 1_000);
  assert.equal(queue.row(1).attempts.length, 1);
  assert.deepEqual(attempts.begun, ['d1', 'd2']);
});

test('a removed webhook is sent neither its waiting deliveries nor those that arrive later', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { concurrencyPerWebhook: 1 });
  const late = queue.commit('removed', 'm3');
  dispatcher.offer([
    ...queue.commit('removed', 'm1'),
    ...queue.commit('removed', 'm2'),
    ...queue.commit('kept', 'm1'),
  ]);
  queue.cancel('removed');
  dispatcher.removeWebhook('removed');
  dispatcher.offer(late);
  attempts.answer('pending', 'removed');
  attempts.answer('succeeded', 'kept');
  await advance(t, 10_000);
  assert.deepEqual(attempts.begun, ['d2', 'd4']);
  assert.equal(queue.row(2).state, 'cancelled');
  assert.equal(queue.row(2).attempts.length, 1);
  assert.equal(dispatcher.buffered, 0);
});

test('a claim in progress while a webhook is removed sends it nothing', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  const gate = Promise.withResolvers<void>();
  queue.after = async (call) => (call === 'claim' ? gate.promise : undefined);
  queue.commitUnclaimed('removed', 'm1');
  dispatcher.claimSoon();
  await advance(t, 50);
  queue.cancel('removed');
  dispatcher.removeWebhook('removed');
  gate.resolve();
  await turns();
  assert.deepEqual([attempts.begun, dispatcher.buffered], [[], 0]);
});

async function advance(t: TestContext, ms: number): Promise<void> {
  await turns();
  t.mock.timers.tick(ms);
  await turns();
}

test('the waiting deliveries of a webhook are claimed again after its URL has changed', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { concurrency: 1 });
  dispatcher.offer([...queue.commit('w', 'm1'), ...queue.commit('w', 'm2')]);
  dispatcher.reloadWebhook('w');
  await turns();
  assert.deepEqual([dispatcher.buffered, queue.claimed], [1, 1]);
  t.mock.timers.tick(1_050);
  await turns();
  attempts.answer();
  await turns();
  assert.deepEqual(attempts.begun, ['d1', 'd2']);
});

test('a paused webhook is sent nothing, and everything in order after it is resumed', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { concurrencyPerWebhook: 1 });
  dispatcher.offer(['m1', 'm2', 'm3'].flatMap((media) => queue.commit('w', media)));
  queue.commit('w', 'm1');
  queue.paused.set('w', 'owner');
  dispatcher.pauseWebhook('w');
  attempts.answer();
  await advance(t, 10_000);
  assert.deepEqual([attempts.begun, dispatcher.buffered, queue.claimed], [['d1'], 0, 0]);
  queue.paused.delete('w');
  dispatcher.resumeWebhook('w');
  await advance(t, 50);
  for (let n = 0; n < 3; n += 1) {
    attempts.answer();
    await turns();
  }
  assert.deepEqual(attempts.begun.toSorted(), ['d1', 'd2', 'd3', 'd4']);
  assert.equal(queue.count('succeeded'), 4);
});

test('a claim in progress while a webhook is paused sends it nothing, and loses no delivery', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  const gate = Promise.withResolvers<void>();
  queue.after = async (call) => (call === 'claim' ? gate.promise : undefined);
  queue.commitUnclaimed('w', 'm1');
  dispatcher.claimSoon();
  await advance(t, 50);
  queue.paused.set('w', 'owner');
  dispatcher.pauseWebhook('w');
  gate.resolve();
  await advance(t, 10_000);
  assert.deepEqual([attempts.begun, dispatcher.buffered, queue.claimed], [[], 0, 0]);
  queue.paused.delete('w');
  dispatcher.resumeWebhook('w');
  await advance(t, 50);
  assert.deepEqual(attempts.begun, ['d1']);
});

test('a receiver that is gone pauses its webhook, and the requests in flight still end', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t, { concurrencyPerWebhook: 2 });
  dispatcher.offer(['m1', 'm2', 'm3', 'm4'].flatMap((media) => queue.commit('w', media)));
  dispatcher.offer(queue.commit('other', 'm1'));
  attempts.answer('pending', 'w', 'gone');
  await turns();
  assert.deepEqual(attempts.begun, ['d1', 'd2', 'd5']);
  attempts.answer('succeeded', 'w');
  await advance(t, 10_000);
  assert.deepEqual(attempts.begun, ['d1', 'd2', 'd5']);
  assert.equal(queue.count('pending'), 4);
  const claims = queue.calls.filter((call) => call === 'claim').length;
  await advance(t, 60_000);
  assert.equal(
    queue.calls.filter((call) => call === 'claim').length,
    claims,
    'nobody asks for what is paused',
  );
});
