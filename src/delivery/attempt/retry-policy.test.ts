import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RetrySchedule } from '../../domain/webhook.ts';
import { DEFAULT_RETRY_SCHEDULE, EXPONENTIAL_DELAYS, retryDelay } from './retry-policy.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Returns the delays before each retry of a schedule, until it is exhausted. */
function delays(schedule: RetrySchedule, random = 0, retryAfterMs: number | null = null): number[] {
  const all: number[] = [];
  for (;;) {
    const made = all.length + 1;
    const delay = retryDelay(schedule, DEFAULT_RETRY_SCHEDULE, { made, random, retryAfterMs });
    if (delay === null) return all;
    all.push(delay);
  }
}

test('the default schedule is exact to the millisecond, without jitter and `Retry-After`', () => {
  assert.deepEqual(delays('default', 0.9, DAY_MS), [3_000, 3_000, 3_000]);
});

test('a list of delays is exact to the millisecond', () => {
  assert.deepEqual(delays([5_000, 60_000], 0.9), [5_000, 60_000]);
  assert.deepEqual(delays([]), []);
});

test('the exponential schedule makes ten attempts over three days, as Standard Webhooks recommends', () => {
  const whole = delays('exponential');
  assert.deepEqual(whole, EXPONENTIAL_DELAYS);
  const sinceStart = whole.map((_, n) => whole.slice(0, n + 1).reduce((sum, delay) => sum + delay, 0));
  const clock = sinceStart.map((ms) => {
    const [hours, rest] = [Math.floor(ms / 3_600_000), ms % 3_600_000];
    return `${hours}:${new Date(rest).toISOString().slice(14, 19)}`;
  });
  const expected = ['0:00:05', '0:05:05', '0:35:05', '2:35:05', '7:35:05', '17:35:05'];
  assert.deepEqual(clock, [...expected, '31:35:05', '51:35:05', '75:35:05']);
});

test('jitter lengthens exponential delays by up to a tenth, and shortens none', () => {
  for (const random of [0.01, 0.5, 0.999]) {
    for (const [n, delay] of delays('exponential', random).entries()) {
      const base = EXPONENTIAL_DELAYS[n] ?? 0;
      assert.ok(delay > base && delay <= base * 1.1, `${delay} for ${base}`);
    }
  }
});

test('`Retry-After` delays an attempt by at most a day, and adds no attempt', () => {
  assert.deepEqual(delays([1_000, 90_000], 0, 60_000), [60_000, 90_000]);
  assert.deepEqual(delays([1_000], 0, 1_000 * DAY_MS), [DAY_MS]);
});
