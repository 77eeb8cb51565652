import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateMeter } from './rate-meter.ts';

/** Of `count` attempts at `now`, those that got a token. */
function taken(meter: RateMeter, key: string, now: number, count: number): number {
  let got = 0;
  for (let n = 0; n < count; n += 1) if (meter.take(key, now)) got += 1;
  return got;
}

test('a burst is let through, then so many a second', () => {
  const meter = new RateMeter({ perSecond: 10, burst: 5 });
  assert.equal(taken(meter, 'a', 1_000, 20), 5);
  assert.equal(taken(meter, 'a', 1_099, 20), 0);
  assert.equal(taken(meter, 'a', 1_100, 20), 1);
  assert.equal(taken(meter, 'a', 1_400, 20), 3);
  assert.equal(taken(meter, 'a', 60_000, 20), 5);
});

test('what is left, when there is more, and when all is back', () => {
  const meter = new RateMeter({ perSecond: 2, burst: 4 });
  assert.deepEqual([meter.left('a', 0), meter.untilNextMs('a', 0), meter.untilFullMs('a', 0)], [4, 0, 0]);
  taken(meter, 'a', 0, 4);
  assert.deepEqual([meter.left('a', 0), meter.untilNextMs('a', 0)], [0, 500]);
  assert.deepEqual([meter.left('a', 600), meter.untilNextMs('a', 600)], [1, 0]);
  assert.equal(meter.untilFullMs('a', 600), 1_400);
});

test('what is given back can be taken again', () => {
  const meter = new RateMeter({ perSecond: 1, burst: 2 });
  assert.equal(taken(meter, 'a', 0, 2), 2);
  meter.giveBack('a');
  assert.equal(taken(meter, 'a', 0, 2), 1);
});

test('keys do not share', () => {
  const meter = new RateMeter({ perSecond: 1, burst: 3 });
  for (let n = 0; n < 1_000; n += 1) assert.equal(taken(meter, `10.0.${n >> 8}.${n & 255}`, 0, 5), 3);
});

test('of more keys than there is room for, those that took the most are still known', () => {
  const meter = new RateMeter({ perSecond: 1, burst: 100 });
  assert.equal(taken(meter, 'greedy', 0, 200), 100);
  for (let n = 0; n < 200_000; n += 1) meter.take(`passer-by ${n}`, 0);
  assert.equal(taken(meter, 'greedy', 0, 10), 0);
});
