import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percentile, simulateTraffic, type Traffic } from '../testing/traffic-simulation.ts';

const TRAFFIC: Omit<Traffic, 'hangingOneIn' | 'backlog'> = {
  webhooks: 1_000,
  eventsPerSecond: 500,
  seconds: 25,
  // Default limits of the service.
  limits: {
    concurrency: 1_000,
    concurrencyPerWebhook: 10,
    concurrencyPerHost: 100,
    capacity: 10_000,
    capacityPerWebhook: 2_000,
  },
};

for (const backlog of [0, 20]) {
  test(`a fifth of a thousand receivers hang, with ${backlog} deliveries waiting for each; the others are not delayed`, async (t) => {
    const without = await simulateTraffic(t, { ...TRAFFIC, hangingOneIn: null, backlog });
    t.mock.timers.reset();
    const withThem = await simulateTraffic(t, { ...TRAFFIC, hangingOneIn: 5, backlog });
    const latencies = withThem.answered.map(({ latencyMs }) => latencyMs);
    const p99Without = percentile(
      without.answered.map(({ latencyMs }) => latencyMs),
      0.99,
    );
    const p99 = percentile(latencies, 0.99);
    t.diagnostic(`p99 ${p99Without} ms without, ${p99} ms with; longest ${percentile(latencies, 1)} ms`);
    t.diagnostic(`requests in flight to hanging receivers, by the second: ${withThem.hanging.join(' ')}`);
    assert.ok(latencies.length > TRAFFIC.eventsPerSecond * TRAFFIC.seconds * 0.75);
    assert.ok(p99 <= 1.5 * p99Without, `p99 is ${p99} ms`);
  });
}

/**
 * A twentieth of the service's limits, of ten thousand webhooks, and of 400 events a second: each webhook gets an
 * event every 25 seconds, so that it leaves memory after each of them.
 */
const SPARSE: Omit<Traffic, 'hangingOneIn'> = {
  webhooks: 500,
  eventsPerSecond: 20,
  seconds: 130,
  backlog: 0,
  pick: (event) => (event * 7_919) % 500,
  limits: {
    concurrency: 50,
    concurrencyPerWebhook: 10,
    concurrencyPerHost: 5,
    capacity: 500,
    capacityPerWebhook: 100,
  },
};
/** Seconds in which each webhook that hangs is tried once: 250 requests of ten seconds, 37 at a time. */
const LEARNT_AFTER_S = 70;

test('half of the receivers hang and get more than all requests can carry; the others are not delayed', async (t) => {
  const { answered, buffered, released } = await simulateTraffic(t, { ...SPARSE, hangingOneIn: 2 });
  const between = (from: number, to: number) =>
    answered
      .filter(({ committedMs }) => committedMs >= from * 1_000 && committedMs < to * 1_000)
      .map(({ latencyMs }) => latencyMs);
  const learning = percentile(between(25, LEARNT_AFTER_S), 0.5);
  const later = between(LEARNT_AFTER_S, SPARSE.seconds - 1);
  t.diagnostic(`median ${learning} ms while it learns; p99 ${percentile(later, 0.99)} ms later`);
  assert.ok(learning < 1_000, 'webhooks that have answered once do not wait for those that are new');
  assert.ok(later.length > 500);
  assert.ok(percentile(later, 1) <= 100, `the longest is ${percentile(later, 1)} ms`);
  assert.ok(
    Math.max(...buffered.slice(100)) <= 500 * 0.4,
    `${Math.max(...buffered.slice(100))} are in memory`,
  );
  assert.equal(
    released.slice(LEARNT_AFTER_S).reduce((sum, count) => sum + count, 0),
    0,
    'no delivery to a receiver that works had to wait in the database',
  );
});
