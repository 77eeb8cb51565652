import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS } from '../../../domain/media-limits.ts';
import { mediaInputArgs } from '../ffmpeg/input-args.ts';
import type { Probe } from '../source/probe-report.ts';
import { mp4Args, pictureArgs, thumbnailArgs, thumbnailTime } from './derived-file-args.ts';

const probe: Probe = {
  durationSeconds: 20,
  beginsAt: 0,
  video: {
    span: { start: 0, end: 20 },
    ...{ stream: 1, codec: 'h264', width: 1080, height: 1920, frameRate: 25, interlaced: false },
  },
  audio: null,
  coverStream: null,
  notes: [],
};
const jpeg = ['-pix_fmt', 'yuvj420p', '-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '3'];
const onePicture = ['-f', 'image2', '-update', '1', 'made.jpg'];

test('an MP4 is a copy that can be played while it loads, tagged for Apple’s players', () => {
  const args = (codec: 'h264' | 'h265') => mp4Args('/data/public/hls/0-720p/index.m3u8', 'made.mp4', codec);
  const copy = [
    ...['-protocol_whitelist', 'file', '-i', 'file:/data/public/hls/0-720p/index.m3u8'],
    ...['-map', '0:v?', '-map', '0:a?', '-c', 'copy', '-map_metadata', '-1'],
  ];
  const playable = ['-movflags', '+faststart', '-f', 'mp4', 'made.mp4'];
  assert.deepEqual(args('h264'), [...copy, ...playable]);
  assert.deepEqual(args('h265'), [...copy, '-tag:v', 'hvc1', ...playable]);
});

test('a thumbnail is taken at a tenth of the duration, or at the start of a clip below a second', () => {
  assert.equal(thumbnailTime(20), 2);
  assert.equal(thumbnailTime(0.9), 0);
  assert.equal(thumbnailTime(0), 0);
});

test('a thumbnail keeps the displayed aspect ratio', () => {
  assert.deepEqual(
    thumbnailArgs('/data/source', probe, { seconds: 2, output: 'made.jpg', limits: DEFAULT_MEDIA_LIMITS }),
    [
      ...['-ss', '2', ...mediaInputArgs('/data/source', DEFAULT_MEDIA_LIMITS), '-map', '0:1'],
      ...['-frames:v', '1', '-vf', 'scale=1080:1920,setsar=1', ...jpeg, ...onePicture],
    ],
  );
});

test('pictures are decoded within the same bounds', () => {
  const limits = { maxPixels: 1234, threads: 3 };
  const bounds = '-max_pixels 1234 -threads 3 -i file:/data/source';
  const thumbnail = thumbnailArgs('/data/source', probe, { seconds: 2, output: 'made.jpg', limits });
  for (const args of [thumbnail, pictureArgs('/data/source', 'made.jpg', limits)]) {
    assert.ok(args.join(' ').includes(bounds), args.join(' '));
  }
});

test('an audio file’s cover is its thumbnail, without a seek', () => {
  const cover = { ...probe, video: null, coverStream: 1 };
  assert.deepEqual(
    thumbnailArgs('/data/source', cover, { seconds: 2, output: 'made.jpg', limits: DEFAULT_MEDIA_LIMITS }),
    [
      ...[...mediaInputArgs('/data/source', DEFAULT_MEDIA_LIMITS), '-map', '0:1'],
      ...['-frames:v', '1', '-vf', 'scale=min(iw\\,1280):-1,setsar=1', ...jpeg, ...onePicture],
    ],
  );
});
