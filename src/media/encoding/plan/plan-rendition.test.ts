import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUDIO_PRESETS, DEFAULT_QUALITIES, type QualityRequest, RESOLUTIONS } from '../../../domain/media.ts';
import type { Probe, VideoStream } from '../source/probe-report.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import { fitShortSide, planRendition } from './plan-rendition.ts';

const quality: QualityRequest = {
  resolution: '720p',
  type: 'hls',
  containerType: 'mpegts',
  videoCodec: 'h264',
  videoBitrate: null,
  audioCodec: 'aac',
  audioBitrate: null,
};

const span = { start: 0, end: 10 };

function probeOf(video: Partial<VideoStream> | null): Probe {
  return {
    durationSeconds: 10,
    beginsAt: 0,
    video: video && {
      span,
      stream: 0,
      codec: 'h264',
      width: 1920,
      height: 1080,
      frameRate: 25,
      interlaced: false,
      frame: plainFrame(1920, 1080),
      ...video,
    },
    audio: { span, stream: 1, codec: 'aac', channels: 2, sampleRate: 44_100 },
    coverStream: null,
    notes: [],
  };
}

test('the short side has the resolution, in landscape and in portrait', () => {
  assert.deepEqual(fitShortSide({ width: 1920, height: 1080 }, 720), { width: 1280, height: 720 });
  assert.deepEqual(fitShortSide({ width: 1080, height: 1920 }, 720), { width: 720, height: 1280 });
  assert.deepEqual(fitShortSide({ width: 1000, height: 1000 }, 480), { width: 480, height: 480 });
  assert.deepEqual(fitShortSide({ width: 1920, height: 800 }, 360), { width: 864, height: 360 });
});

test('a picture is never enlarged', () => {
  assert.deepEqual(fitShortSide({ width: 640, height: 360 }, 1080), { width: 640, height: 360 });
  assert.deepEqual(fitShortSide({ width: 360, height: 640 }, 2160), { width: 360, height: 640 });
});

test('dimensions are even, and odd sources lose a line instead of gaining one', () => {
  assert.deepEqual(fitShortSide({ width: 853, height: 479 }, 1080), { width: 852, height: 478 });
  assert.deepEqual(fitShortSide({ width: 1279, height: 720 }, 720), { width: 1278, height: 720 });
  assert.deepEqual(fitShortSide({ width: 854, height: 480 }, 360), { width: 640, height: 360 });
  assert.deepEqual(fitShortSide({ width: 1, height: 1 }, 144), { width: 2, height: 2 });
});

test('a plan uses the bitrate ladder if no bitrate is requested', () => {
  assert.deepEqual(planRendition(quality, probeOf({}), 'video', 6), {
    type: 'hls',
    segmentFormat: 'mpegts',
    segmentSeconds: 6,
    timeline: { beginsAt: 0, durationSeconds: 10 },
    video: {
      stream: 0,
      codec: 'h264',
      width: 1280,
      height: 720,
      frameRate: 25,
      deinterlace: false,
      frame: plainFrame(1920, 1080),
      bitrate: { kind: 'peak', bitsPerSecond: 2_800_000 },
    },
    audio: {
      stream: 1,
      right: null,
      mix: { matrix: null, isLoud: false, note: null },
      bitrate: 128_000,
      sampleRate: 44_100,
      language: null,
    },
  });
});

test('the ladder follows the encoded size, with more for high frame rates and less for H.265', () => {
  const bitrate = (request: Partial<QualityRequest>, video: Partial<VideoStream>) =>
    planRendition({ ...quality, ...request }, probeOf(video), 'video', 6).video?.bitrate.bitsPerSecond;
  assert.equal(bitrate({ resolution: '1080p' }, { width: 640, height: 360 }), 800_000);
  assert.equal(bitrate({}, { frameRate: 60 }), 4_200_000);
  assert.equal(bitrate({ videoCodec: 'h265' }, {}), 1_700_000);
});

test('each field of an interlaced video becomes a picture, up to 60 a second', () => {
  const rate = (frameRate: number) =>
    planRendition(quality, probeOf({ interlaced: true, frameRate }), 'video', 6).video?.frameRate;
  assert.deepEqual([rate(25), rate(30000 / 1001), rate(30), rate(50)], [50, 60000 / 1001, 60, 50]);
});

test('a requested bitrate is used, unless the picture is smaller than requested', () => {
  const asked = { ...quality, videoBitrate: 6_000_000, audioBitrate: 192_000 };
  const plan = planRendition(asked, probeOf({}), 'video', 6);
  assert.deepEqual(plan.video?.bitrate, { kind: 'mean', bitsPerSecond: 6_000_000 });
  assert.equal(plan.audio?.bitrate, 192_000);
  const capped = planRendition(asked, probeOf({ width: 640, height: 360 }), 'video', 6);
  assert.deepEqual(capped.video?.bitrate, { kind: 'mean', bitsPerSecond: 800_000 });
});

test('small pictures have a lower audio bitrate', () => {
  assert.equal(
    planRendition({ ...quality, resolution: '240p' }, probeOf({}), 'video', 6).audio?.bitrate,
    64_000,
  );
});

test('audio media, and files without video, become sound alone', () => {
  assert.equal(planRendition(quality, probeOf({}), 'audio', 6).video, null);
  const plan = planRendition(quality, probeOf(null), 'video', 6);
  assert.deepEqual([plan.video, plan.audio?.stream], [null, 1]);
});

test('a file without sound becomes video alone', () => {
  const plan = planRendition(quality, { ...probeOf({}), audio: null }, 'video', 6);
  assert.deepEqual([plan.video?.height, plan.audio], [720, null]);
});

test('mp4 and fmp4 both mean fragmented MP4, which DASH and H.265 always have', () => {
  const format = (request: Partial<QualityRequest>) =>
    planRendition({ ...quality, ...request }, probeOf({}), 'video', 6).segmentFormat;
  assert.equal(format({ containerType: 'mp4' }), 'fmp4');
  assert.equal(format({ containerType: 'fmp4' }), 'fmp4');
  assert.equal(format({ type: 'dash', containerType: 'mpegts' }), 'fmp4');
  assert.equal(format({ videoCodec: 'h265', containerType: 'mpegts' }), 'fmp4');
});

test('video of very few pictures is in fragmented MP4, and sound alone is not', () => {
  const format = (video: Partial<VideoStream> | null, durationSeconds = 10) =>
    planRendition(quality, { ...probeOf(video), durationSeconds }, 'video', 6).segmentFormat;
  assert.equal(format({}, 0.64), 'mpegts');
  assert.equal(format({}, 0.6), 'fmp4');
  assert.equal(format(null, 0.02), 'mpegts');
});

test('qualities of sound alone have different bitrates, and audio presets have their own', () => {
  const bitrate = (resolution: QualityRequest['resolution']) =>
    planRendition({ ...quality, resolution }, probeOf({}), 'audio', 6).audio?.bitrate;
  assert.deepEqual(DEFAULT_QUALITIES.audio.map(bitrate), [256_000, 192_000, 128_000]);
  for (const names of [AUDIO_PRESETS, RESOLUTIONS, DEFAULT_QUALITIES.video]) {
    assert.equal(new Set(names.map(bitrate)).size, names.length, names.join());
  }
  const asked = { ...quality, resolution: 'lossless', audioBitrate: 500_000 } as const;
  assert.equal(planRendition(asked, probeOf({}), 'audio', 6).audio?.bitrate, 500_000);
});

test('the segments of sound alone are equally long', () => {
  const seconds = (durationSeconds: number) =>
    planRendition(quality, { ...probeOf(null), durationSeconds }, 'audio', 4).segmentSeconds;
  assert.equal(seconds(8), 8.05 / 2);
  assert.equal(seconds(9.5), 9.55 / 2);
  assert.equal(seconds(10.5), 10.55 / 3);
  assert.equal(seconds(1), 1.05);
});

test('the segments of a long media are longer than requested, but never too many', () => {
  const seconds = (requested: number, durationSeconds: number) =>
    planRendition(quality, { ...probeOf({}), durationSeconds }, 'video', requested).segmentSeconds;
  assert.equal(seconds(1, 6 * 3600), 1);
  assert.equal(seconds(4, 24 * 3600), 4);
  assert.equal(seconds(1.5, 24 * 3600), 4);
  assert.equal(seconds(1, 6 * 3600 + 1), 2);
  // A media that an older version created.
  assert.equal(seconds(0.001, 10), 1);
});
