import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS } from '../../../domain/media-limits.ts';
import { copyBounds, encodeBounds } from './limits.ts';

test('the time to encode follows the duration, up to a bound', () => {
  const timeOf = (seconds: number) => encodeBounds(DEFAULT_MEDIA_LIMITS, seconds).timeMs;
  assert.equal(timeOf(0), 300_000);
  assert.equal(timeOf(10), 300_000 + 2_000_000);
  assert.equal(timeOf(1e9), 24 * 3_600_000);
  const slower = encodeBounds({ ...DEFAULT_MEDIA_LIMITS, encodeTimeRatio: 3 }, 10);
  assert.equal(slower.timeMs, 300_000 + 30_000);
  assert.equal(copyBounds({ ...DEFAULT_MEDIA_LIMITS, encodeTimeMs: 5_000 }).timeMs, 5_000);
});
