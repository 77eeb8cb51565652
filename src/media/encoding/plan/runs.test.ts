import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VideoCodec } from '../../../domain/media.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import type { Rendition } from './rendition.ts';
import { planRuns } from './runs.ts';

function planned(height: number, codec: VideoCodec | null = 'h264') {
  const width = (height * 16) / 9;
  const common = { stream: 0, frameRate: 25, deinterlace: false, frame: plainFrame(3840, 2160) };
  const bitrate = { kind: 'peak', bitsPerSecond: 1 } as const;
  const rendition: Rendition = {
    ...{ type: 'hls', segmentFormat: 'mpegts', segmentSeconds: 4, audio: null },
    timeline: { beginsAt: 0, durationSeconds: 1 },
    video: codec && { ...common, codec, width, height, bitrate },
  };
  return { quality: `${codec} ${height}`, rendition };
}

const LADDER = [1080, 720, 360].map((height) => planned(height));

test('the smallest quality comes first and alone, and the others share a run', () => {
  assert.deepEqual(planRuns(LADDER, true), [['h264 360'], ['h264 720', 'h264 1080']]);
  assert.deepEqual(planRuns(LADDER.slice(0, 1), true), [['h264 1080']]);
  assert.deepEqual(planRuns([], true), []);
});

test('if no two share a run, they come in the order of the request', () => {
  assert.deepEqual(planRuns(LADDER.slice(0, 2), true), [['h264 1080'], ['h264 720']]);
  const codecs = [planned(720, 'h265'), planned(720), planned(0, null)];
  assert.deepEqual(planRuns(codecs, true), [['h265 720'], ['h264 720'], ['null 0']]);
});

test('if one can be played already, all others share a run', () => {
  assert.deepEqual(planRuns(LADDER, false), [['h264 360', 'h264 720', 'h264 1080']]);
});

test('H.265 takes longer, and has a run of its own', () => {
  const runs = planRuns([planned(720, 'h265'), ...LADDER, planned(360, 'h265')], true);
  assert.deepEqual(runs, [['h264 360'], ['h264 720', 'h264 1080'], ['h265 360', 'h265 720']]);
});

test('a run has at most as many pixels as two pictures of 4K, and eight qualities', () => {
  const heights = [2160, 2160, 1080, 4320, 4320].map((height) => planned(height));
  const runs = planRuns(heights, false);
  assert.deepEqual(runs, [['h264 1080', 'h264 2160'], ['h264 2160'], ['h264 4320'], ['h264 4320']]);
  const many = planRuns(
    Array.from({ length: 20 }, () => planned(144)),
    false,
  );
  assert.deepEqual(
    many.map(({ length }) => length),
    [8, 8, 4],
  );
});

test('sound alone has a run for each quality', () => {
  assert.deepEqual(planRuns([planned(0, null), planned(0, null)], true), [['null 0'], ['null 0']]);
});
