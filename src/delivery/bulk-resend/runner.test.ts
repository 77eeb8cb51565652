import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { BulkResend } from '../../domain/bulk-resend.ts';
import { createLogger } from '../../logging/logger.ts';
import type {
  BulkResendProgress,
  BulkResendStep,
  BulkResendStore,
} from '../../storage/contracts/bulk-resends.ts';
import { turns } from '../testing/dispatching.ts';
import { BulkResendRunner, type BulkResendRunnerOptions } from './runner.ts';

/** Bulk resends in memory, each with the number of its deliveries that are left. */
class MemoryBulkResends implements BulkResendStore {
  readonly left = new Map<BulkResend, number>();
  /** Steps of each call. */
  readonly calls: (readonly BulkResendStep[])[] = [];
  isFailing = false;

  with(id: string, webhookId: string, left: number): BulkResend {
    const times = { since: 0, until: 0, createdAt: 0, endedAt: null };
    const bulkResend = { id, webhookId, userId: 'u', state: 'running', queued: 0, ...times } as const;
    this.left.set(bulkResend, left);
    return bulkResend;
  }

  async create(bulkResend: BulkResend) {
    return bulkResend;
  }

  async list() {
    return [];
  }

  /** Returns pages of one, so that all pages must be read. */
  async running(after: string | null) {
    const place = Number(after ?? 0);
    const items = [...this.left.keys()].slice(place, place + 1);
    return { items, after: place + 1 < this.left.size ? String(place + 1) : null };
  }

  async advance(steps: readonly BulkResendStep[]): Promise<BulkResendProgress[]> {
    this.calls.push(steps);
    if (this.isFailing) throw new Error('the database is away');
    return steps.map(({ id, limit, buffered, maxInFlight }) => {
      const [bulkResend, left] =
        [...this.left].find(([one]) => one.id === id) ?? assert.fail(`no bulk resend ${id}`);
      const queued = Math.max(0, Math.min(limit, left, maxInFlight - buffered));
      this.left.set(bulkResend, left - queued);
      return { id, queued, isRunning: left > queued };
    });
  }
}

function setUp(t: TestContext, options: Partial<BulkResendRunnerOptions> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  const store = new MemoryBulkResends();
  let woken = 0;
  const runner = new BulkResendRunner({
    store,
    logger: createLogger('silent'),
    now: Date.now,
    steadyNow: Date.now,
    rate: 100,
    concurrencyPerWebhook: 1_000,
    bufferedFor: () => 0,
    onQueued: () => {
      woken += 1;
    },
    ...options,
  });
  t.after(() => runner.stop());
  const advance = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      t.mock.timers.tick(10);
      await turns(3);
    }
  };
  return { store, runner, advance, woken: () => woken };
}

test('the rate holds in each second, and the bulk resend ends when everything is queued', async (t) => {
  const { store, runner, advance, woken } = setUp(t);
  await runner.start();
  const bulkResend = store.with('r', 'w', 250);
  runner.add(bulkResend);
  await advance(1_000);
  const queued = 250 - (store.left.get(bulkResend) ?? 0);
  assert.ok(queued >= 80 && queued <= 110, `${queued} in the first second`);
  await advance(2_000);
  assert.equal(store.left.get(bulkResend), 0);
  assert.equal(woken(), store.calls.length);
  const { length } = store.calls;
  await advance(5_000);
  assert.equal(store.calls.length, length, 'nothing is asked for once there is nothing to do');
});

test('a rate of less than one per step holds, too', async (t) => {
  const { store, runner, advance } = setUp(t, { rate: 1 });
  await runner.start();
  const bulkResend = store.with('r', 'w', 100);
  runner.add(bulkResend);
  await advance(10_000);
  const queued = 100 - (store.left.get(bulkResend) ?? 0);
  assert.ok(queued >= 8 && queued <= 11, `${queued} in ten seconds`);
});

test('unfinished bulk resends resume at the start; those of one webhook run one after the other', async (t) => {
  const { store, runner, advance } = setUp(t);
  const [first, second] = [store.with('r1', 'w', 15), store.with('r2', 'w', 15)];
  await runner.start();
  await advance(110);
  assert.deepEqual(
    store.calls.map((steps) => steps.map(({ id }) => id).join()),
    ['r1', 'r1'],
  );
  await advance(1_000);
  assert.deepEqual([store.left.get(first), store.left.get(second)], [0, 0]);
});

test('the storage gets the number of buffered deliveries, and is asked less often while nothing can be queued', async (t) => {
  let held = 5;
  const { store, runner, advance } = setUp(t, { concurrencyPerWebhook: 5, bufferedFor: () => held });
  await runner.start();
  const bulkResend = store.with('r', 'w', 20);
  runner.add(bulkResend);
  await advance(10_000);
  assert.equal(store.left.get(bulkResend), 20);
  assert.equal(store.calls[0]?.[0]?.buffered, 5);
  assert.ok(store.calls.length < 20, `${store.calls.length} calls in ten seconds`);
  held = 2;
  await advance(1_000);
  assert.ok((store.left.get(bulkResend) ?? 20) < 20);
});

test('many webhooks take turns', async (t) => {
  const { store, runner, advance } = setUp(t);
  for (let n = 0; n < 50; n += 1) store.with(`r${n}`, `w${n}`, 1);
  await runner.start();
  await advance(500);
  assert.equal(store.calls.length, 3);
  assert.ok([...store.left.values()].every((left) => left === 0));
});

test('a failed step is retried, but not after a stop', async (t) => {
  const { store, runner, advance } = setUp(t);
  store.isFailing = true;
  await runner.start();
  const bulkResend = store.with('r', 'w', 1);
  runner.add(bulkResend);
  runner.add(bulkResend);
  await advance(500);
  store.isFailing = false;
  await advance(1_000);
  assert.equal(store.left.get(bulkResend), 0);
  const { length } = store.calls;
  await runner.stop();
  await runner.stop();
  runner.add(store.with('late', 'w', 1));
  await advance(1_000);
  assert.equal(store.calls.length, length);
});
