import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameRateOf, type ReportedStream, readReport } from './probe-report.ts';

const video: ReportedStream = {
  index: 0,
  codec_type: 'video',
  codec_name: 'h264',
  width: 1920,
  height: 1080,
  sample_aspect_ratio: '1:1',
  r_frame_rate: '30000/1001',
  avg_frame_rate: '30000/1001',
  field_order: 'progressive',
};
const audio: ReportedStream = {
  index: 1,
  codec_type: 'audio',
  codec_name: 'aac',
  channels: 2,
  sample_rate: '48000',
};

test('a report of a plain video is read completely', () => {
  assert.deepEqual(readReport({ streams: [video, audio], format: { duration: '12.500000' } }), {
    durationSeconds: 12.5,
    video: {
      stream: 0,
      codec: 'h264',
      width: 1920,
      height: 1080,
      frameRate: 30000 / 1001,
      interlaced: false,
    },
    audio: { stream: 1, codec: 'aac', channels: 2, sampleRate: 48_000 },
    coverStream: null,
  });
});

test('dimensions are those of the displayed picture', () => {
  const size = (stream: Partial<ReportedStream>) => {
    const read = readReport({ streams: [{ ...video, ...stream }] }).video;
    return [read?.width, read?.height];
  };
  assert.deepEqual(size({ side_data_list: [{}, { rotation: -90 }] }), [1080, 1920]);
  assert.deepEqual(size({ side_data_list: [{ rotation: 180 }] }), [1920, 1080]);
  assert.deepEqual(size({ width: 720, height: 576, sample_aspect_ratio: '64:45' }), [1024, 576]);
  assert.deepEqual(size({ sample_aspect_ratio: '0:1' }), [1920, 1080]);
  assert.deepEqual(size({ sample_aspect_ratio: '9000:1' }), [1920, 1080]);
});

test('a cover is not video', () => {
  const cover = { ...video, index: 2, codec_name: 'mjpeg', disposition: { attached_pic: 1 } };
  const read = readReport({ streams: [audio, cover] });
  assert.equal(read.video, null);
  assert.equal(read.coverStream, 2);
});

test('the default stream is preferred to the first', () => {
  const second = { ...audio, index: 2, disposition: { default: 1 } };
  assert.equal(readReport({ streams: [audio, second] }).audio?.stream, 2);
});

test('streams that cannot be decoded, and missing fields, are ignored', () => {
  const { codec_name: _, ...unknown } = video;
  const empty = { durationSeconds: 0, video: null, audio: null, coverStream: null };
  assert.deepEqual(readReport({ streams: [unknown, { ...audio, channels: 0 }] }), empty);
  assert.deepEqual(readReport({}), empty);
});

test('the duration is that of the longest stream if the container states none', () => {
  const streams = [
    { ...video, duration: '4.2' },
    { ...audio, duration: 'N/A' },
  ];
  assert.equal(readReport({ streams, format: {} }).durationSeconds, 4.2);
});

test('frame rates are plausible, whatever the file states', () => {
  assert.equal(frameRateOf(25, 25), 25);
  assert.equal(frameRateOf(1000, 29.9), 30000 / 1001, 'a screen recording');
  assert.equal(frameRateOf(50, 25), 25, 'fields of an interlaced video');
  assert.equal(frameRateOf(240, 240), 60);
  assert.equal(frameRateOf(0, 0), 30);
  assert.equal(frameRateOf(90_000, 0.2), 1);
  assert.equal(frameRateOf(12, 12), 12);
});
