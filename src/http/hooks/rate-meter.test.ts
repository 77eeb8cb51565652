import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../platform/testing/seeded-random.ts';
import { RateMeter } from './rate-meter.ts';

/** Returns how many of `count` attempts at `now` got a token. */
function consumed(meter: RateMeter, key: string, now: number, count: number): number {
  let got = 0;
  for (let n = 0; n < count; n += 1) if (meter.consume(key, now)) got += 1;
  return got;
}

test('a burst is admitted, then the rate per second', () => {
  const meter = new RateMeter({ perSecond: 10, burst: 5 });
  assert.equal(consumed(meter, 'a', 1_000, 20), 5);
  assert.equal(consumed(meter, 'a', 1_099, 20), 0);
  assert.equal(consumed(meter, 'a', 1_100, 20), 1);
  assert.equal(consumed(meter, 'a', 1_400, 20), 3);
  assert.equal(consumed(meter, 'a', 60_000, 20), 5);
});

test('the meter tells the tokens left, the time until the next, and the time until all are back', () => {
  const meter = new RateMeter({ perSecond: 0.5, burst: 4 });
  assert.deepEqual([meter.left('a', 0), meter.untilNextS('a', 0), meter.untilFullS('a', 0)], [4, 0, 0]);
  consumed(meter, 'a', 0, 4);
  assert.deepEqual([meter.left('a', 0), meter.untilNextS('a', 0)], [0, 2]);
  assert.deepEqual([meter.left('a', 500), meter.untilNextS('a', 500)], [0, 2]);
  assert.deepEqual([meter.left('a', 2_400), meter.untilNextS('a', 2_400)], [1, 0]);
  assert.equal(meter.untilFullS('a', 2_400), 6);
});

test('fractions of milliseconds on the clock add no second', () => {
  const random = seededRandom(1);
  for (let n = 0; n < 1_000; n += 1) {
    const meter = new RateMeter({ perSecond: 0.001, burst: 1 });
    const now = random() * 1e6;
    consumed(meter, 'a', now, 1);
    assert.deepEqual(
      [meter.untilFullS('a', now), meter.untilNextS('a', now)],
      [1_000, 1_000],
      `at ${now} ms`,
    );
  }
});

test('a refunded token can be consumed again', () => {
  const meter = new RateMeter({ perSecond: 1, burst: 2 });
  assert.equal(consumed(meter, 'a', 0, 2), 2);
  meter.refund('a');
  assert.equal(consumed(meter, 'a', 0, 2), 1);
});

test('keys do not share tokens', () => {
  const meter = new RateMeter({ perSecond: 1, burst: 3 });
  for (let n = 0; n < 1_000; n += 1) assert.equal(consumed(meter, `10.0.${n >> 8}.${n & 255}`, 0, 5), 3);
});

test('with more keys than buckets, the keys that consumed the most are still known', () => {
  const meter = new RateMeter({ perSecond: 1, burst: 100 });
  assert.equal(consumed(meter, 'greedy', 0, 200), 100);
  for (let n = 0; n < 200_000; n += 1) meter.consume(`other ${n}`, 0);
  assert.equal(consumed(meter, 'greedy', 0, 10), 0);
});
