import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { NO_DUE } from '../domain/due.ts';
import { ServiceError } from '../domain/errors.ts';
import type { Due, DueRequest } from '../storage/contracts/queue.ts';
import { DUE_COUNTED } from './due-reader.ts';
import { registerGauges } from './gauges.ts';
import { Metrics } from './metrics.ts';

const NOTHING: Due = { sendable: NO_DUE, paused: NO_DUE, throttled: NO_DUE, after: null };

const LIMITS = { sendable: DUE_COUNTED, paused: DUE_COUNTED, throttled: DUE_COUNTED };

type Answer = (request: DueRequest) => Promise<Due>;
type Refusal = () => Promise<ServiceError | null>;

/** Registers the gauges over a database whose answers, and a clock whose time, the test sets. */
function setUp(answer: Answer, refusal: Refusal = async () => null) {
  const world = { now: 1_000_000, requests: [] as DueRequest[] };
  const metrics = new Metrics();
  registerGauges(metrics, {
    sender: { inFlight: 3 },
    dispatcher: {
      buffered: 5,
      circuits: { counts: { open: 2, halfOpen: 1 } },
      throttled: new Set(['w1', 'w2']),
    },
    publisher: { waiting: 7 },
    pipeline: { encoders: { running: 1, waiting: 2 } },
    storage: {
      queue: {
        due: (request) => {
          world.requests.push(request);
          return answer(request);
        },
      },
    },
    readiness: { refusal },
    steadyNow: () => world.now,
  });
  const read = async (name: string, label?: string) => {
    const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
    return values.find((value) => label === undefined || Object.values(value.labels).includes(label))?.value;
  };
  return { world, metrics, read };
}

test('due deliveries are counted in the database, up to a limit, by what they wait for', async () => {
  const { world, read } = setUp(async () => ({
    sendable: { count: 12, oldestAt: 970_000 },
    paused: { count: 500, oldestAt: 1 },
    throttled: { count: 40, oldestAt: 2 },
    after: null,
  }));
  assert.equal(await read('mediahooks_deliveries_due'), 12);
  assert.equal(await read('mediahooks_deliveries_due_lag_seconds'), 30);
  assert.equal(await read('mediahooks_deliveries_waiting', 'pause'), 500);
  assert.equal(await read('mediahooks_deliveries_waiting', 'circuit'), 40);
  assert.equal(await read('mediahooks_requests_in_flight'), 3);
  assert.deepEqual(world.requests, [
    { now: 1_000_000, limits: LIMITS, throttled: ['w1', 'w2'], after: null },
  ]);
});

test('the answers of several calls are added up, and a long count is followed by a long rest', async () => {
  const parts = [
    { ...NOTHING, sendable: { count: 9_000, oldestAt: 990_000 }, after: '2000' },
    { ...NOTHING, paused: { count: 5, oldestAt: 3 }, after: '4000' },
    { ...NOTHING, sendable: { count: 9_000, oldestAt: 980_000 } },
  ];
  const { world, metrics, read } = setUp(async ({ after }) => {
    world.now += 100;
    return parts[Number(after ?? 0) / 2_000] ?? NOTHING;
  });
  assert.equal(await read('mediahooks_deliveries_due'), DUE_COUNTED);
  assert.equal(await read('mediahooks_deliveries_due_lag_seconds'), 20.3);
  assert.equal(await read('mediahooks_deliveries_waiting', 'pause'), 5);
  assert.deepEqual(
    world.requests.map(({ after, limits }) => [after, limits.sendable]),
    [
      [null, DUE_COUNTED],
      ['2000', 1_000],
      ['4000', 1_000],
    ],
  );
  world.now = 1_002_999;
  await metrics.registry.metrics();
  assert.equal(world.requests.length, 3);
  world.now = 1_003_000;
  await metrics.registry.metrics();
  assert.equal(world.requests.length, 6);
});

test('scrapes within a second share one query', async () => {
  const { world, metrics } = setUp(async () => NOTHING);
  for (let n = 0; n < 5; n += 1) await metrics.registry.metrics();
  assert.equal(world.requests.length, 1);
  world.now += 1_000;
  await Promise.all([metrics.registry.metrics(), metrics.registry.metrics()]);
  assert.equal(world.requests.length, 2);
});

test('if the database fails, the due deliveries are not known, but all other gauges are', async () => {
  const { read } = setUp(() => Promise.reject(new Error('disk I/O error')));
  assert.ok(Number.isNaN(await read('mediahooks_deliveries_due')));
  assert.ok(Number.isNaN(await read('mediahooks_deliveries_due_lag_seconds')));
  assert.ok(Number.isNaN(await read('mediahooks_deliveries_waiting', 'circuit')));
  assert.equal(await read('mediahooks_deliveries_held'), 5);
  assert.equal(await read('mediahooks_circuits_open'), 3);
});

/** Reads a gauge while the database does not answer, and returns the milliseconds that the scrape waited. */
async function waitedMs(t: TestContext, read: ReturnType<typeof setUp>['read']): Promise<number> {
  let isRead = false;
  const reading = read('mediahooks_deliveries_due').then((value) => {
    isRead = true;
    return value;
  });
  let waited = 0;
  for (await turn(); !isRead; await turn()) {
    t.mock.timers.tick(500);
    waited += 500;
  }
  assert.ok(Number.isNaN(await reading));
  return waited;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('if the database hangs, only the first scrape waits long, and no second query is made', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { world, read } = setUp(() => new Promise(() => undefined));
  assert.equal(await waitedMs(t, read), 5_000);
  world.now += 60_000;
  assert.equal(await waitedMs(t, read), 1_000);
  assert.equal(world.requests.length, 1);
});

test('the first scrape after a start has a number, although the thread that reads takes seconds to start', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const started = Promise.withResolvers<Due>();
  const { read } = setUp(() => started.promise);
  const gauges = ['mediahooks_deliveries_due', 'mediahooks_deliveries_due_lag_seconds'];
  const values = Promise.all(gauges.map((name) => read(name)));
  await turn();
  t.mock.timers.tick(4_000);
  await turn();
  started.resolve(NOTHING);
  assert.deepEqual(await values, [0, 0]);
});

test('after a count that took an hour, the next one begins within ten seconds', async () => {
  const { world, metrics } = setUp(async () => {
    if (world.requests.length === 1) world.now += 3_600_000;
    return NOTHING;
  });
  await metrics.registry.metrics();
  world.now += 9_999;
  await metrics.registry.metrics();
  assert.equal(world.requests.length, 1);
  world.now += 1;
  await metrics.registry.metrics();
  assert.equal(world.requests.length, 2);
});

test('while a count takes long, the previous count is shown, as long as it is fresh', async () => {
  let hangs = false;
  const { world, read } = setUp(async () =>
    hangs ? new Promise(() => undefined) : { ...NOTHING, sendable: { count: 3, oldestAt: 990_000 } },
  );
  assert.equal(await read('mediahooks_deliveries_due'), 3);
  hangs = true;
  world.now += 5_000;
  assert.equal(await read('mediahooks_deliveries_due'), 3);
  assert.equal(await read('mediahooks_deliveries_due_lag_seconds'), 15);
  world.now += 6_000;
  assert.ok(Number.isNaN(await read('mediahooks_deliveries_due')));
  assert.equal(world.requests.length, 2);
});

test('the service is ready, not ready, or unknown if its disk hangs or fails', async () => {
  const answers: [Refusal, number][] = [
    [async () => null, 1],
    [async () => new ServiceError('storage_full', 'the disk is full'), 0],
    [() => Promise.reject(new Error('EIO')), Number.NaN],
    [() => new Promise(() => undefined), Number.NaN],
  ];
  for (const [refusal, expected] of answers) {
    const { read } = setUp(async () => NOTHING, refusal);
    assert.equal(await read('mediahooks_ready'), expected);
  }
});
