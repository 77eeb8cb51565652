import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS } from '../../../domain/media-limits.ts';
import { inputRefusal, withTrueRates } from './input-limits.ts';
import { type ProbeReport, type ReportedStream, readReport } from './probe-report.ts';

const video: ReportedStream = {
  index: 0,
  codec_type: 'video',
  codec_name: 'h264',
  width: 1920,
  height: 1080,
  r_frame_rate: '25/1',
  avg_frame_rate: '25/1',
};

/** Returns the refusal of a file. @param seconds how long the packets of the video last */
function refusal(stream: Partial<ReportedStream>, rest: ProbeReport = {}, seconds = 10) {
  const report: ProbeReport = { streams: [{ ...video, ...stream }], ...rest };
  const packets = new Map([[0, { count: 250, start: 0, end: seconds }]]);
  return inputRefusal(report, readReport(report, packets), DEFAULT_MEDIA_LIMITS);
}

test('a rate that is derived from units of time, or a lie, is not believed', () => {
  const rateOf = (avg_frame_rate: string) => {
    const times = new Map([[0, { count: 50, start: 0, end: 2 }]]);
    return withTrueRates({ streams: [{ ...video, avg_frame_rate }] }, times).streams?.[0]?.avg_frame_rate;
  };
  assert.equal(rateOf('60000/1'), '25');
  assert.equal(rateOf('960/1'), '960/1');
});

test('files of cameras and editors are accepted', () => {
  assert.equal(refusal({}), null);
  assert.equal(refusal({ width: 8192, height: 4320 }), null);
  assert.equal(refusal({ width: 4320, height: 8192 }), null);
  assert.equal(refusal({ avg_frame_rate: '960/1' }), null);
  assert.equal(refusal({ r_frame_rate: '90000/1' }), null, 'a stated rate that the frames do not have');
  assert.equal(refusal({}, {}, 86_400), null);
  assert.equal(refusal({ nb_frames: '250' }, { format: { size: '90000' } }), null);
});

test('a file that would only cost time and memory is refused with a sentence', () => {
  const pixels = 'at most 35389440 pixels are accepted, and 8192 on a side';
  assert.equal(
    refusal({ width: 16_000, height: 16_000 }),
    `the picture is 16000×16000 pixels large; ${pixels}`,
  );
  assert.equal(refusal({ width: 16_000, height: 2 }), `the picture is 16000×2 pixels large; ${pixels}`);
  assert.equal(
    refusal({ avg_frame_rate: '1000000/1' }),
    'the video has 1000000 frames per second; at most 1000 are accepted',
  );
  assert.equal(
    refusal({ nb_frames: '1000000' }, { format: { size: '19109' } }),
    'the file claims 1000000 frames, which are more than it has bytes',
  );
  assert.equal(refusal({}, {}, 90_000.5), 'the file lasts 90000 seconds; at most 86400 are accepted');
  assert.equal(refusal({}, {}, 0), 'the file has a duration of 0: there is nothing in it to play');
  const streams = Array.from({ length: 65 }, (_, index) => ({ ...video, index }));
  assert.equal(refusal({}, { streams }), 'the file has 65 streams; at most 64 are accepted');
});
