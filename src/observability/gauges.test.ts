import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Due } from '../storage/contracts/queue.ts';
import { DUE_COUNTED, registerGauges } from './gauges.ts';
import { Metrics } from './metrics.ts';

/** Registers the gauges over a database whose answers, and a clock whose time, the test sets. */
function setUp(answer: () => Promise<Due>) {
  const world = { now: 1_000_000, queries: 0, limit: 0 };
  const metrics = new Metrics();
  registerGauges(metrics, {
    sender: { inFlight: 3 },
    dispatcher: { buffered: 5, circuits: { counts: { open: 2, halfOpen: 1 } } },
    publisher: { waiting: 7 },
    pipeline: { encoders: { running: 1, waiting: 2 } },
    storage: {
      queue: {
        due: (_now, limit) => {
          world.queries += 1;
          world.limit = limit;
          return answer();
        },
      },
    },
    steadyNow: () => world.now,
  });
  const read = async (name: string) => {
    const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
    return values[0]?.value;
  };
  return { world, metrics, read };
}

test('due deliveries are counted in the database, up to a limit, with the lag of the oldest', async () => {
  const { world, read } = setUp(async () => ({ count: 12, oldestAt: 970_000 }));
  assert.equal(await read('mediahooks_deliveries_due'), 12);
  assert.equal(await read('mediahooks_deliveries_due_lag_seconds'), 30);
  assert.equal(await read('mediahooks_requests_in_flight'), 3);
  assert.deepEqual([world.queries, world.limit], [1, DUE_COUNTED]);
});

test('scrapes within a second share one query', async () => {
  const { world, metrics } = setUp(async () => ({ count: 0, oldestAt: null }));
  for (let n = 0; n < 5; n += 1) await metrics.registry.metrics();
  assert.equal(world.queries, 1);
  world.now += 1_000;
  await Promise.all([metrics.registry.metrics(), metrics.registry.metrics()]);
  assert.equal(world.queries, 2);
});

test('if the database fails, the due deliveries are not known, but all other gauges are', async () => {
  const { read } = setUp(() => Promise.reject(new Error('disk I/O error')));
  assert.ok(Number.isNaN(await read('mediahooks_deliveries_due')));
  assert.ok(Number.isNaN(await read('mediahooks_deliveries_due_lag_seconds')));
  assert.equal(await read('mediahooks_deliveries_held'), 5);
  assert.equal(await read('mediahooks_circuits_open'), 3);
});

test('if the database hangs, a scrape waits a second, and no second query is made', async () => {
  const { world, read } = setUp(() => new Promise(() => undefined));
  assert.ok(Number.isNaN(await read('mediahooks_deliveries_due')));
  world.now += 60_000;
  assert.ok(Number.isNaN(await read('mediahooks_deliveries_due')));
  assert.equal(world.queries, 1);
});
