import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS } from '../../../domain/media-limits.ts';
import { mediaInputArgs } from '../ffmpeg/input-args.ts';
import type { Probe, VideoStream } from '../source/probe-report.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import {
  mp4Args,
  pictureArgs,
  thumbnailArgs,
  thumbnailConversion,
  thumbnailTime,
} from './derived-file-args.ts';
import { conversionFilters } from './picture-filters.ts';

const probe: Probe = {
  durationSeconds: 20,
  beginsAt: 0,
  video: {
    span: { start: 0, end: 20 },
    ...{ stream: 1, codec: 'h264', width: 1080, height: 1920, frameRate: 25, interlaced: false },
    frame: plainFrame(1080, 1920),
  },
  audio: null,
  coverStream: null,
  notes: [],
};
const jpeg = ['-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '3'];
const onePicture = ['-f', 'image2', '-update', '1', 'made.jpg'];

test('an MP4 is a copy whose picture begins at 0, that can be played while it loads, tagged for Apple’s players', () => {
  const args = (videoCodec: 'h264' | 'h265') =>
    mp4Args('/data/public/hls/0-720p/index.m3u8', 'made.mp4', { videoCodec, beginsAt: 10 });
  const copy = [
    ...['-copyts', '-protocol_whitelist', 'file', '-i', 'file:/data/public/hls/0-720p/index.m3u8'],
    ...['-map', '0:v?', '-map', '0:a?', '-c', 'copy', '-map_metadata', '-1'],
    ...['-output_ts_offset', '-10', '-avoid_negative_ts', 'disabled'],
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

test('a thumbnail has the displayed aspect ratio, and the colours of JPEG', () => {
  const conversion = thumbnailConversion(probe.video as VideoStream);
  assert.deepEqual([conversion.width, conversion.height], [1080, 1920]);
  const frame = conversionFilters(conversion, 'yuv444p').join(',');
  const colours = 'scale=in_color_matrix=bt709:in_range=limited:out_color_matrix=bt601:out_range=full';
  assert.deepEqual(
    thumbnailArgs('/data/source', probe, {
      seconds: 2,
      output: 'made.jpg',
      limits: DEFAULT_MEDIA_LIMITS,
    }),
    [
      ...[
        '-ss',
        '2',
        '-reinit_filter:v',
        '0',
        ...mediaInputArgs('/data/source', DEFAULT_MEDIA_LIMITS),
        '-map',
        '0:1',
      ],
      ...['-frames:v', '1', '-vf', `${frame},${colours},setsar=1,format=yuvj420p`, ...jpeg, ...onePicture],
    ],
  );
});

test('pictures are decoded within the same bounds', () => {
  const limits = { maxPixels: 1234, threads: 3 };
  const bounds = '-max_pixels 1234 -threads 3 -i file:/data/source';
  const thumbnail = thumbnailArgs('/data/source', probe, {
    seconds: 2,
    output: 'made.jpg',
    limits,
  });
  for (const args of [thumbnail, pictureArgs('/data/source', 'made.jpg', limits)]) {
    assert.ok(args.join(' ').includes(bounds), args.join(' '));
  }
});

test('an audio file’s cover is its thumbnail, without a seek', () => {
  const overBlack = 'format=gbrap,premultiply=inplace=1,format=gbrp';
  const scale = 'scale=min(iw\\,1280):-1:out_color_matrix=bt601:out_range=full';
  const cover = { ...probe, video: null, coverStream: 1 };
  assert.deepEqual(
    thumbnailArgs('/data/source', cover, {
      seconds: 2,
      output: 'made.jpg',
      limits: DEFAULT_MEDIA_LIMITS,
    }),
    [
      ...[...mediaInputArgs('/data/source', DEFAULT_MEDIA_LIMITS), '-map', '0:1'],
      ...['-frames:v', '1', '-vf', `${overBlack},${scale},setsar=1,format=yuvj420p`, ...jpeg, ...onePicture],
    ],
  );
});
