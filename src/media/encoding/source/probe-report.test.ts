import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainFrame } from '../testing/plain-frame.ts';
import type { PacketTimes } from './packet-times.ts';
import { frameRateOf, type ProbeReport, type ReportedStream, readReport } from './probe-report.ts';

/** Reads a report whose streams all have packets, from 0 to 10 seconds. */
function read(report: ProbeReport) {
  const packets = (report.streams ?? []).map(({ index }): [number, PacketTimes] => [
    index,
    { count: 250, start: 0, end: 10 },
  ]);
  return readReport(report, new Map(packets));
}
const span = { start: 0, end: 10 };

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
  assert.deepEqual(read({ streams: [video, audio], format: { duration: '12.500000' } }), {
    durationSeconds: 10,
    beginsAt: 0,
    video: {
      span,
      stream: 0,
      codec: 'h264',
      width: 1920,
      height: 1080,
      frameRate: 30000 / 1001,
      interlaced: false,
      frame: plainFrame(1920, 1080),
    },
    audio: { span, stream: 1, codec: 'aac', channels: 2, sampleRate: 48_000 },
    coverStream: null,
    notes: [],
  });
});

test('dimensions are those of the displayed picture', () => {
  const size = (stream: Partial<ReportedStream>) => {
    const found = read({ streams: [{ ...video, ...stream }] }).video;
    return [found?.width, found?.height];
  };
  assert.deepEqual(size({ side_data_list: [{}, { rotation: -90 }] }), [1080, 1920]);
  assert.deepEqual(size({ side_data_list: [{ rotation: 180 }] }), [1920, 1080]);
  assert.deepEqual(size({ width: 720, height: 576, sample_aspect_ratio: '64:45' }), [1024, 576]);
  assert.deepEqual(size({ sample_aspect_ratio: '0:1' }), [1920, 1080]);
  assert.deepEqual(size({ sample_aspect_ratio: '9000:1' }), [1920, 1080]);
});

test('a cover is not video', () => {
  const cover = { ...video, index: 2, codec_name: 'mjpeg', disposition: { attached_pic: 1 } };
  const found = read({ streams: [audio, cover] });
  assert.equal(found.video, null);
  assert.equal(found.coverStream, 2);
});

test('the default stream is preferred to the first', () => {
  const second = { ...audio, index: 2, disposition: { default: 1 } };
  assert.equal(read({ streams: [audio, second] }).audio?.stream, 2);
});

test('streams that cannot be decoded, and missing fields, are ignored', () => {
  const { codec_name: _, ...unknown } = video;
  const empty = { durationSeconds: 0, beginsAt: 0, video: null, audio: null, coverStream: null, notes: [] };
  assert.deepEqual(read({ streams: [unknown, { ...audio, channels: 0 }] }), empty);
  assert.deepEqual(read({}), empty);
});

test('a stream without packets does not count, whatever the headers say', () => {
  const second = { ...audio, index: 2, disposition: { default: 1 } };
  const packets = new Map([[1, { count: 1, start: 0, end: 1 }]]);
  const found = readReport({ streams: [video, audio, second] }, packets);
  assert.equal(found.video, null);
  assert.equal(found.audio?.stream, 1);
});

test('the media lasts from the first picture or sound to the last, wherever the file begins', () => {
  const report = { streams: [video, audio], format: { start_time: '7.5', duration: '90000' } };
  const packets = new Map([
    [0, { count: 10, start: 12, end: 20 }],
    [1, { count: 10, start: 10, end: 16 }],
  ]);
  const found = readReport(report, packets);
  assert.deepEqual([found.durationSeconds, found.beginsAt], [10, 10]);
  assert.deepEqual(found.video?.span, { start: 2, end: 10 });
  assert.deepEqual(found.audio?.span, { start: 0, end: 6 });
});

test('frame rates are plausible, whatever the file states', () => {
  assert.equal(frameRateOf(25, 25), 25);
  assert.equal(frameRateOf(1000, 29.9), 30000 / 1001, 'a screen recording');
  assert.equal(frameRateOf(50, 25), 25, 'fields of an interlaced video');
  assert.equal(frameRateOf(240, 240), 60);
  assert.equal(frameRateOf(0, 0), 30);
  assert.equal(frameRateOf(90_000, 0.2), 1);
  assert.equal(frameRateOf(12, 12), 12);
  assert.equal(frameRateOf(1000, 9.2, 30.1), 30, 'a recording of a screen that is still at times');
  assert.equal(frameRateOf(1000, 29.9, 30.2), 30000 / 1001, 'a phone');
  assert.equal(frameRateOf(15, 4, 90), 60);
});

test('a single picture lasts as long as one of its frame rate, and several at one time last for nothing', () => {
  const seconds = (count: number) =>
    readReport(
      { streams: [{ ...video, avg_frame_rate: '10/1', r_frame_rate: '10/1' }] },
      new Map([[0, { count, start: 5, end: 5 }]]),
    ).durationSeconds;
  assert.ok(Math.abs(seconds(1) - 0.1) < 1e-9);
  assert.equal(seconds(2), 0);
});

test('a sound begins where its file says that decoders begin to play it', () => {
  const start = (start_time: string) =>
    readReport({ streams: [{ ...audio, start_time }] }, new Map([[1, { count: 9, start: 0, end: 1 }]]))
      .durationSeconds;
  assert.equal(start('0.025'), 0.975);
  assert.equal(start('0.5'), 1, 'a start that is not the priming of an encoder');
  assert.equal(start('N/A'), 1);
});

test('pictures of chapters are no video', () => {
  const chapters = { ...video, disposition: { timed_thumbnails: 1 } };
  assert.equal(read({ streams: [chapters, audio] }).video, null);
});

test('Dolby Vision without a base layer is read as PQ', () => {
  const frame = read({ streams: [{ ...video, side_data_list: [{ dv_profile: 5 }] }] }).video?.frame;
  assert.deepEqual([frame?.isDolbyVisionAlone, frame?.colour.transfer], [true, 'pq']);
  const based = read({ streams: [{ ...video, side_data_list: [{ dv_profile: 8 }] }] }).video?.frame;
  assert.deepEqual([based?.isDolbyVisionAlone, based?.colour.transfer], [false, 'sdr']);
});
