import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ReadyDelivery } from '../../domain/delivery.ts';
import { createLogger } from '../../logging/logger.ts';
import { turns } from '../testing/dispatching.ts';
import { MemoryQueue } from '../testing/memory-queue.ts';
import { type AttemptedDelivery, Recorder } from './recorder.ts';

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const queue = new MemoryQueue();
  const promoted: ReadyDelivery[] = [];
  const ends = new Map<AttemptedDelivery['delivery'], PromiseWithResolvers<void>>();
  const recorder = new Recorder({
    queue,
    logger: createLogger('silent'),
    now: Date.now,
    steadyNow: Date.now,
    pauseAfterMs: null,
    onPaused: () => undefined,
    onPromoted: (deliveries) => promoted.push(...deliveries),
    onRecorded: ({ delivery }) => ends.get(delivery)?.resolve(),
    onLost: (delivery, error) => ends.get(delivery)?.reject(error),
  });
  const attempted = (mediaId: string): AttemptedDelivery => {
    const [delivery] = queue.commit('w', mediaId);
    assert.ok(delivery);
    const attempt = {
      number: 1,
      at: 0,
      durationMs: 1,
      status: 200,
      response: '',
      error: null,
      revision: null,
    };
    const verdict = { state: 'succeeded' } as const;
    const settlement = { seq: delivery.seq, webhookId: 'w', attempt, verdict, receiver: 'works' } as const;
    return { delivery, settlement };
  };
  /** Records a result. Fulfils when it is recorded, and rejects when it is lost. */
  const record = (one: AttemptedDelivery): Promise<void> => {
    const end = Promise.withResolvers<void>();
    ends.set(one.delivery, end);
    recorder.record(one);
    return end.promise;
  };
  return { queue, recorder, promoted, attempted, record };
}

test('attempts that end during a commit share the next one', async (t) => {
  const { queue, attempted, record } = setUp(t);
  const gate = Promise.withResolvers<void>();
  queue.before = () => gate.promise;
  const first = record(attempted('m0'));
  await turns();
  const rest = Array.from({ length: 20 }, (_, n) => record(attempted(`m${n + 1}`)));
  gate.resolve();
  await Promise.all([first, ...rest]);
  assert.deepEqual(queue.calls, ['settle', 'settle']);
  assert.equal(queue.count('succeeded'), 21);
});

test('a settlement is recorded when it is durable, and what was promoted is passed on', async (t) => {
  const { queue, promoted, attempted, record } = setUp(t);
  const one = attempted('m1');
  queue.commit('w', 'm1');
  await record(one);
  assert.equal(queue.row(1).state, 'succeeded');
  assert.deepEqual(
    promoted.map(({ id }) => id),
    ['d2'],
  );
});

test('a failing commit is retried each second until it succeeds, and counts once', async (t) => {
  const { queue, attempted, record } = setUp(t);
  let failures = 3;
  queue.before = async () => {
    if (failures-- > 0) throw new Error('the disk is full');
  };
  const recording = record(attempted('m1'));
  for (const calls of [1, 2, 3]) {
    await turns();
    assert.equal(queue.calls.length, calls);
    t.mock.timers.tick(1_000);
  }
  await recording;
  assert.deepEqual([queue.calls.length, queue.row(1).attempts.length], [4, 1]);
});

test('at a stop a failing commit has one last try, and its settlements are lost', async (t) => {
  const { queue, recorder, attempted, record } = setUp(t);
  queue.before = async () => {
    throw new Error('the disk is full');
  };
  const recording = assert.rejects(record(attempted('m1')), /full/);
  await turns();
  await recorder.stop();
  await recording;
  assert.equal(queue.calls.length, 2);
});

test('a stop waits for the commit in progress and for the settlements that wait', async (t) => {
  const { queue, recorder, attempted, record } = setUp(t);
  const gate = Promise.withResolvers<void>();
  queue.before = () => gate.promise;
  const first = record(attempted('m1'));
  await turns();
  const second = record(attempted('m2'));
  const stopping = recorder.stop();
  gate.resolve();
  await Promise.all([stopping, first, second]);
  assert.equal(queue.count('succeeded'), 2);
});

test('more results than fit into one commit are recorded by several, in order', async (t) => {
  const { queue, attempted, record } = setUp(t);
  const sizes: number[] = [];
  const settle = queue.settle.bind(queue);
  queue.settle = (settlements, ...times) => {
    sizes.push(settlements.length);
    return settle(settlements, ...times);
  };
  await Promise.all(Array.from({ length: 1_100 }, (_, n) => record(attempted(`m${n}`))));
  assert.deepEqual(sizes, [500, 500, 100]);
});

test('results of a commit are lost, and not forgotten, if a defect meets what it promoted', async (t) => {
  const { queue, promoted, attempted, record } = setUp(t);
  const one = attempted('m1');
  queue.commit('w', 'm1');
  promoted.push = () => {
    throw new Error('a defect');
  };
  await assert.rejects(record(one), /a defect/);
  await record(attempted('m2'));
});
