import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VideoStream } from '../source/probe-report.ts';
import { encodedFrameRate, type PictureGrid, planTimeline } from './timeline.ts';

const video = { span: { start: 0, end: 10 } } as VideoStream;
const at25 = { frameRate: 25, isEncoded: true };

test('the media lasts a whole number of pictures, within half a picture of the file', () => {
  const lasting = (durationSeconds: number, grid: PictureGrid | null = null) =>
    planTimeline({ beginsAt: 1.4, durationSeconds, video }, grid).durationSeconds;
  assert.equal(lasting(10.01, at25), 10);
  assert.equal(lasting(10.03, at25), 10.04);
  assert.equal(lasting(0.001, at25), 0.04, 'at least one picture');
  assert.equal(lasting(10.0123), 10.0123);
  assert.equal(planTimeline({ beginsAt: 1.4, durationSeconds: 1, video }, at25).beginsAt, 1.4);
});

test('a media whose sound begins first begins a whole number of pictures before the first one', () => {
  const begins = (start: number, grid: PictureGrid) => {
    const late = { span: { start, end: 10 } } as VideoStream;
    const { beginsAt, durationSeconds } = planTimeline(
      { beginsAt: 0, durationSeconds: 10, video: late },
      grid,
    );
    return [beginsAt, durationSeconds].map((seconds) => Math.round(seconds * 1e6) / 1e6);
  };
  assert.deepEqual(begins(0.021, at25), [0.021, 9.96], 'the silent frame of AAC is left out');
  assert.deepEqual(begins(0.13, at25), [0.01, 10]);
  assert.deepEqual(begins(0.15, { frameRate: 10, isEncoded: true }), [-0.05, 10.1], 'no sound is left out');
  assert.deepEqual(begins(0.021, { ...at25, isEncoded: false }), [0.021, 9.979], 'sound alone keeps its end');
  assert.deepEqual(begins(0.08, at25), [0, 10]);
});

test('slow videos repeat each picture equally often, so that a picture is a tenth of a second or less', () => {
  assert.deepEqual([0.1, 1, 3, 7, 10, 25, 60].map(encodedFrameRate), [10, 10, 12, 14, 10, 25, 60]);
  assert.ok(Math.abs(encodedFrameRate(29.97) - 30000 / 1001) < 1e-9);
  assert.equal(encodedFrameRate(16.66667), 16.667);
});
