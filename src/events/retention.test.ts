import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { turns } from '../delivery/testing/dispatching.ts';
import { createLogger } from '../logging/logger.ts';
import { MAX_ROWS, MIN_ROWS, nextRows, pauseAfter } from '../platform/small-steps.ts';
import { Retention, type RetentionOptions, speedAfter } from './retention.ts';

const T0 = 1_000_000_000;
const KEEP_MS = 10_000_000;
const ROUND_EVERY_MS = 600_000;

type Step = { readonly at: number; readonly before: number; readonly limit: number; readonly event: number };

interface Setup {
  readonly events?: number;
  readonly stepMs?: number;
  readonly keepMs?: number | null;
  readonly keepAuditMs?: number;
  readonly auditRecords?: number;
}

/**
 * Creates a retention over a store of `events` old events, of which a step removes one. The test controls the clock.
 */
function setUp(
  t: TestContext,
  { events = 0, stepMs = 0, keepMs = KEEP_MS as number | null, ...audit }: Setup = {},
) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: T0 });
  const steps: Step[] = [];
  const auditSteps: { before: number; removed: number }[] = [];
  const rounds = { webhooks: 0 };
  const world = { left: events, failures: 0, auditRecords: audit.auditRecords ?? 0 };
  const store: RetentionOptions['store'] = {
    removeEvents: async ({ before, after, limit }) => {
      steps.push({ at: Date.now() - T0, before, limit, event: Number(after) });
      if (stepMs > 0) t.mock.timers.setTime(Date.now() + stepMs);
      if (world.failures > 0) {
        world.failures -= 1;
        throw new Error('the disk is full');
      }
      if (world.left === 0) return { events: 0, deliveries: 0, expired: 0, after: null };
      world.left -= 1;
      const next = String(Number(after) + 1);
      return { events: 1, deliveries: 2, expired: 0, after: next };
    },
    removeWebhooks: async () => {
      rounds.webhooks += 1;
      return { webhooks: 0, after: null };
    },
    removeAuditRecords: async ({ before, limit }) => {
      const removed = Math.min(limit, world.auditRecords);
      world.auditRecords -= removed;
      auditSteps.push({ before, removed });
      return removed;
    },
  };
  const removed = { events: 0, deliveries: 0 };
  const retention = new Retention({
    store,
    logger: createLogger('silent'),
    now: Date.now,
    monotonicNow: Date.now,
    keepMs,
    keepAuditMs: audit.keepAuditMs ?? null,
    onRemoved: (one) => {
      removed.events += one.events;
      removed.deliveries += one.deliveries;
    },
  });
  t.after(() => retention.stop());
  const tick = async (ms: number) => {
    t.mock.timers.tick(ms);
    await turns(5);
  };
  return { retention, steps, auditSteps, rounds, world, removed, tick };
}

test('a round makes steps with pauses between them, and the next round begins later', async (t) => {
  const { retention, steps, rounds, removed, tick } = setUp(t, { events: 2 });
  await retention.start();
  await tick(999);
  assert.equal(steps.length, 0);
  await tick(1);
  await tick(49);
  assert.equal(steps.length, 1);
  for (let n = 0; n < 5; n += 1) await tick(50);
  assert.deepEqual(
    steps.map(({ event, before }) => [event, before]),
    [0, 1, 2].map((event) => [event, T0 + 1_000 - KEEP_MS]),
  );
  assert.deepEqual([rounds.webhooks, removed], [1, { events: 2, deliveries: 4 }]);
  await tick(ROUND_EVERY_MS - 1_000);
  assert.equal(steps.length, 3);
  await tick(1_000);
  assert.equal(steps.length, 4);
  assert.ok(Number(steps[3]?.before) >= T0 + ROUND_EVERY_MS - KEEP_MS);
});

test('long steps are followed by smaller ones and longer pauses', async (t) => {
  const { retention, steps, tick } = setUp(t, { events: 3, stepMs: 400 });
  await retention.start();
  await tick(1_000);
  await tick(3_999);
  assert.equal(steps.length, 1);
  await tick(1);
  assert.equal(steps.length, 2);
  assert.equal(steps[1]?.limit, MIN_ROWS);
  assert.deepEqual([nextRows(MAX_ROWS, 2), nextRows(MIN_ROWS, 2)], [MAX_ROWS, 2 * MIN_ROWS]);
  assert.deepEqual([nextRows(MAX_ROWS, 21), nextRows(MIN_ROWS, 21)], [MAX_ROWS / 2, MIN_ROWS]);
  assert.deepEqual([pauseAfter(0), pauseAfter(8), pauseAfter(60_000)], [50, 80, 10_000]);
});

test('a failed step is retried a minute later, from the same cursor', async (t) => {
  const { retention, steps, world, tick } = setUp(t, { events: 2 });
  await retention.start();
  await tick(1_000);
  world.failures = 1;
  await tick(50);
  assert.equal(steps.length, 2);
  await tick(59_999);
  assert.equal(steps.length, 2);
  await tick(1);
  assert.deepEqual(
    steps.map(({ event }) => event),
    [0, 1, 1],
  );
});

test('a stop ends a round between two steps, and may be called before a start and twice', async (t) => {
  const { retention, steps, tick } = setUp(t, { events: 9 });
  await retention.start();
  await tick(1_000);
  await retention.stop();
  await retention.stop();
  await tick(ROUND_EVERY_MS);
  assert.equal(steps.length, 1);
  t.mock.timers.reset();
  await setUp(t).retention.stop();
});

test('a round that falls behind speeds up, so that it keeps pace with any intake', async (t) => {
  const { retention, steps, tick } = setUp(t, { events: 100_000 });
  await retention.start();
  await tick(1_000);
  const perSecond = async () => {
    const before = steps.length;
    for (let n = 0; n < 200; n += 1) await tick(5);
    return steps.length - before;
  };
  const calm = await perSecond();
  assert.ok(calm <= 20, `${calm} steps in a second`);
  // A round speeds up ten times within a tenth of the time for which events are kept.
  t.mock.timers.setTime(T0 + KEEP_MS / 10);
  await tick(50);
  const fast = await perSecond();
  assert.ok(fast > 5 * calm, `${fast} steps a second instead of ${calm}`);
  assert.ok(Number(steps.at(-1)?.limit) > MAX_ROWS);
});

test('speed has a maximum, and makes steps larger and pauses shorter', () => {
  assert.deepEqual(
    [0, 99, 100, 250, 5_000].map((ms) => speedAfter(ms, 10_000)),
    [1, 1, 2, 3, 10],
  );
  assert.deepEqual(
    [nextRows(MAX_ROWS, 60, 4), nextRows(MAX_ROWS, 81, 4)],
    [MAX_ROWS + MIN_ROWS, MAX_ROWS / 2],
  );
  assert.deepEqual(
    [nextRows(4 * MAX_ROWS, 0, 4), nextRows(4 * MAX_ROWS, 0, 10)],
    [4 * MAX_ROWS, 4 * MAX_ROWS],
  );
  assert.deepEqual([pauseAfter(2, 5), pauseAfter(8, 10)], [10, 8]);
});

test('old audit records are removed in the same steps, after a time of their own', async (t) => {
  const keepAuditMs = 2 * KEEP_MS;
  const { retention, steps, auditSteps, rounds, tick } = setUp(t, {
    keepMs: null,
    keepAuditMs,
    auditRecords: MIN_ROWS + 1,
  });
  await retention.start();
  await tick(1_000);
  await tick(50);
  const before = T0 + 1_000 - keepAuditMs;
  assert.deepEqual(auditSteps, [
    { before, removed: MIN_ROWS },
    { before, removed: 1 },
  ]);
  assert.equal(steps.length, 0, 'events are kept forever');
  for (let n = 0; n < 2; n += 1) await tick(50);
  assert.equal(rounds.webhooks, 1, 'deleted webhooks are removed although events are kept forever');
  await tick(ROUND_EVERY_MS);
  assert.equal(auditSteps.length, 3);
});
