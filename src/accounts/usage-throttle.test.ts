import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageThrottle } from './usage-throttle.ts';

test('a use of each key is written once a minute', () => {
  const uses = new UsageThrottle();
  assert.deepEqual(
    [uses.isDue('a', 0), uses.isDue('a', 59_999), uses.isDue('b', 59_999)],
    [true, false, true],
  );
  assert.deepEqual([uses.isDue('a', 60_000), uses.isDue('a', 60_001)], [true, false]);
});

test('keys that are not used any more are forgotten', () => {
  const uses = new UsageThrottle();
  for (let n = 0; n < 10_000; n += 1) uses.isDue(`key ${n}`, n);
  assert.equal(uses.size, 10_000);
  uses.isDue('last', 69_000);
  assert.equal(uses.size, 1_000);
});
