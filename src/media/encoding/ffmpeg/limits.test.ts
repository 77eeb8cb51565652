import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyBounds, DEFAULT_MEDIA_LIMITS, encodeBounds, memoryOf, threadsOf } from './limits.ts';

const MIB = 1024 * 1024;

test('the time to encode follows the duration, up to a bound', () => {
  const timeOf = (seconds: number) => encodeBounds(DEFAULT_MEDIA_LIMITS, seconds).timeMs;
  assert.equal(timeOf(0), 300_000);
  assert.equal(timeOf(10), 300_000 + 2_000_000);
  assert.equal(timeOf(1e9), 24 * 3_600_000);
  const slower = encodeBounds({ ...DEFAULT_MEDIA_LIMITS, encodeTimeRatio: 3 }, 10);
  assert.equal(slower.timeMs, 300_000 + 30_000);
  assert.equal(copyBounds({ ...DEFAULT_MEDIA_LIMITS, encodeTimeMs: 5_000 }).timeMs, 5_000);
});

test('all encoders together use the cores, and three quarters of the memory', () => {
  assert.deepEqual([threadsOf(2, 1), threadsOf(8, 4), threadsOf(8, 3), threadsOf(2, 9)], [2, 2, 3, 1]);
  assert.equal(threadsOf(128, 1), 16);
  assert.equal(memoryOf(16_384 * MIB, 2), 6_144 * MIB);
  assert.equal(memoryOf(1_024 * MIB, 2), 2_048 * MIB);
  assert.equal(memoryOf(1_048_576 * MIB, 2), 32_768 * MIB);
});
