import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodedFrameRate, planTimeline } from './timeline.ts';

test('the media lasts a whole number of pictures, within half a picture of the file', () => {
  const lasting = (durationSeconds: number, rate?: number) =>
    planTimeline({ beginsAt: 1.4, durationSeconds }, rate).durationSeconds;
  assert.equal(lasting(10.01, 25), 10);
  assert.equal(lasting(10.03, 25), 10.04);
  assert.equal(lasting(0.001, 25), 0.04, 'at least one picture');
  assert.equal(lasting(10.0123), 10.0123);
  assert.equal(planTimeline({ beginsAt: 1.4, durationSeconds: 1 }, 25).beginsAt, 1.4);
});

test('slow videos repeat each picture equally often, so that a picture is a tenth of a second or less', () => {
  assert.deepEqual([0.1, 1, 3, 7, 10, 25, 60].map(encodedFrameRate), [10, 10, 12, 14, 10, 25, 60]);
  assert.ok(Math.abs(encodedFrameRate(29.97) - 30000 / 1001) < 1e-9);
  assert.equal(encodedFrameRate(16.66667), 16.667);
});
