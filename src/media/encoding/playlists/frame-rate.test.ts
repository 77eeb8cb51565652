import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fractionOf } from './frame-rate.ts';

test('frame rates are whole numbers, NTSC fractions, or thousandths', () => {
  const cases: [number, string | null][] = [
    [25, '25'],
    [30000 / 1001, '30000/1001'],
    [24000 / 1001, '24000/1001'],
    [60000 / 1001, '60000/1001'],
    [12.5, '12500/1000'],
    [1 / 3, '333/1000'],
    [0.0001, '1/1000'],
    [0, null],
  ];
  for (const [rate, fraction] of cases) assert.equal(fractionOf(rate), fraction);
});
