import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import { createLogger } from '../../logging/logger.ts';
import { turns } from '../testing/dispatching.ts';
import { MemoryQueue } from '../testing/memory-queue.ts';
import { Recorder } from './recorder.ts';

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const queue = new MemoryQueue();
  const promoted: ReadyDelivery[] = [];
  const recorder = new Recorder({
    queue,
    logger: createLogger('silent'),
    now: Date.now,
    steadyNow: Date.now,
    pauseAfterMs: null,
    onPaused: () => undefined,
    onPromoted: (deliveries) => promoted.push(...deliveries),
  });
  const settlement = (mediaId: string): Settlement => {
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
    return { seq: delivery.seq, webhookId: 'w', attempt, verdict, receiver: 'works' };
  };
  return { queue, recorder, promoted, settlement };
}

test('attempts that end during a commit share the next one', async (t) => {
  const { queue, recorder, settlement } = setUp(t);
  const gate = Promise.withResolvers<void>();
  queue.before = () => gate.promise;
  const first = recorder.record(settlement('m0'));
  await turns();
  const rest = Array.from({ length: 20 }, (_, n) => recorder.record(settlement(`m${n + 1}`)));
  gate.resolve();
  await Promise.all([first, ...rest]);
  assert.deepEqual(queue.calls, ['settle', 'settle']);
  assert.equal(queue.count('succeeded'), 21);
});

test('recording fulfils when the settlement is durable, and passes on what was promoted', async (t) => {
  const { queue, recorder, promoted, settlement } = setUp(t);
  const one = settlement('m1');
  queue.commit('w', 'm1');
  await recorder.record(one);
  assert.equal(queue.row(1).state, 'succeeded');
  assert.deepEqual(
    promoted.map(({ id }) => id),
    ['d2'],
  );
});

test('a failing commit is retried each second until it succeeds, and counts once', async (t) => {
  const { queue, recorder, settlement } = setUp(t);
  let failures = 3;
  queue.before = async () => {
    if (failures-- > 0) throw new Error('the disk is full');
  };
  const recording = recorder.record(settlement('m1'));
  for (const calls of [1, 2, 3]) {
    await turns();
    assert.equal(queue.calls.length, calls);
    t.mock.timers.tick(1_000);
  }
  await recording;
  assert.deepEqual([queue.calls.length, queue.row(1).attempts.length], [4, 1]);
});

test('at a stop a failing commit has one last try, and rejects', async (t) => {
  const { queue, recorder, settlement } = setUp(t);
  queue.before = async () => {
    throw new Error('the disk is full');
  };
  const recording = assert.rejects(recorder.record(settlement('m1')), /full/);
  await turns();
  await recorder.stop();
  await recording;
  assert.equal(queue.calls.length, 2);
});

test('a stop waits for the commit in progress and for the settlements that wait', async (t) => {
  const { queue, recorder, settlement } = setUp(t);
  const gate = Promise.withResolvers<void>();
  queue.before = () => gate.promise;
  const first = recorder.record(settlement('m1'));
  await turns();
  const second = recorder.record(settlement('m2'));
  const stopping = recorder.stop();
  gate.resolve();
  await Promise.all([stopping, first, second]);
  assert.equal(queue.count('succeeded'), 2);
});
