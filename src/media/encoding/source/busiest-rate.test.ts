import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusiestRate } from './busiest-rate.ts';

function rateOf(times: readonly number[]): number {
  const rate = new BusiestRate();
  for (const time of times) rate.add(time);
  return Math.round(rate.end() * 10) / 10;
}

const steady = (count: number, rate: number, from = 0) =>
  Array.from({ length: count }, (_, picture) => from + Math.round((picture * 1000) / rate) / 1000);

test('the rate is that of the part in which pictures follow each other fastest', () => {
  assert.equal(rateOf(steady(100, 25)), 25);
  assert.equal(rateOf([...steady(10, 1), ...steady(60, 30, 20), ...steady(10, 1, 30)]), 30);
});

test('the order of pictures in the file does not matter, nor do times that go back', () => {
  const reordered = steady(100, 25).map(
    (_, n, all) => all[n % 4 === 1 ? n + 2 : n % 4 === 3 ? n - 2 : n] ?? 4,
  );
  assert.equal(rateOf(reordered), 25);
  assert.equal(rateOf([...steady(50, 25), ...steady(50, 25)]), 25);
});

test('a clip of less than a second has no rate, and two fields of one time are one picture', () => {
  assert.equal(rateOf(steady(20, 25)), 0);
  assert.equal(rateOf(steady(50, 25).flatMap((time) => [time, time])), 25);
});
