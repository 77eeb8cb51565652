import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MeasuredSegment, measureBandwidths } from './bandwidth.ts';

/** Segments of the given bits per second, each of them as long as `seconds`. */
function segmentsOf(seconds: number, ...rates: readonly number[]): MeasuredSegment[] {
  return rates.map((rate) => ({ duration: seconds, bytes: (rate * seconds) / 8 }));
}

const FOUR = { targetDuration: 4, minBufferTime: 8 };

test('even segments have one bandwidth', () => {
  const even = segmentsOf(4, 8000, 8000, 8000);
  assert.deepEqual(measureBandwidths(even, FOUR), { peak: 8000, average: 8000, sustained: 8000 });
});

test('the peak is that of contiguous segments, from half to one and a half of the target duration', () => {
  const peak = (segments: readonly MeasuredSegment[]) => measureBandwidths(segments, FOUR).peak;
  const long = { duration: 4, bytes: 4000 };
  // A short segment counts together with its neighbour, but not alone.
  assert.equal(peak([long, { duration: 1, bytes: 3000 }]), (7000 * 8) / 5);
  assert.equal(peak([long, { duration: 2, bytes: 3000 }]), (3000 * 8) / 2);
  // Three short segments between long ones are dense together.
  const short = { duration: 1.5, bytes: 3000 };
  assert.equal(peak([long, short, short, short, long]), 16_000);
  // A set of more than six seconds does not count.
  assert.equal(peak([long, { duration: 1.9, bytes: 0 }, { duration: 1.9, bytes: 3800 }]), 8000);
});

test('a stream that is shorter than half of the target duration has the bandwidth of all of it', () => {
  const only = [{ duration: 0.04, bytes: 500 }];
  const target = { targetDuration: 1, minBufferTime: 0.08 };
  assert.deepEqual(measureBandwidths(only, target), { peak: 100_000, average: 100_000, sustained: 100_000 });
  assert.deepEqual(measureBandwidths([], target), { peak: 0, average: 0, sustained: 0 });
});

test('the sustained bandwidth is the smallest with which no segment comes too late, from wherever playing begins', () => {
  const seed = Array.from({ length: 40 }, (_, nth) => ((nth * 7919) % 101) + 1);
  const segments = [
    ...segmentsOf(4, ...Array.from({ length: 15 }, () => 2000)),
    ...seed.map((bytes, nth) => ({ duration: 4 - (nth % 3) / 10, bytes: bytes * 1000 })),
    ...segmentsOf(4, ...Array.from({ length: 15 }, () => 2000)),
  ];
  const { sustained, average } = measureBandwidths(segments, FOUR);
  assert.ok(sustained > average);
  assert.equal(playsFromAnywhere(segments, sustained), true);
  assert.equal(playsFromAnywhere(segments, sustained - 1), false);
});

/** Plays from the beginning of each segment, as ISO/IEC 23009-1 §5.3.5.2 describes it. */
function playsFromAnywhere(segments: readonly MeasuredSegment[], bandwidth: number): boolean {
  return segments.every((_, first) => {
    let [loaded, playAt] = [0, FOUR.minBufferTime];
    return segments.slice(first).every(({ bytes, duration }) => {
      loaded += bytes * 8;
      const isThere = loaded <= bandwidth * playAt + 1e-3;
      playAt += duration;
      return isThere;
    });
  });
}

test('a still minute before a moving one does not hide the moving one', () => {
  const segments = segmentsOf(4, ...Array(15).fill(3000), ...Array(15).fill(255_000));
  const { peak, average, sustained } = measureBandwidths(segments, FOUR);
  assert.deepEqual([peak, average], [255_000, 129_000]);
  // 15 segments of 4 s must be there 8 s and 14 segments after the first bit.
  assert.equal(sustained, Math.ceil((255_000 * 15) / 16));
});

test('a day of segments is measured in a moment', () => {
  const day = segmentsOf(4, ...Array.from({ length: 21_600 }, (_, nth) => 1000 + ((nth * 7919) % 5003)));
  const startedAt = performance.now();
  measureBandwidths(day, FOUR);
  assert.ok(performance.now() - startedAt < 1_000);
});
