/** Segment of a quality, as bandwidths are measured. */
export interface MeasuredSegment {
  /** Seconds. */
  readonly duration: number;
  /** Size of the file. */
  readonly bytes: number;
}

/** Bandwidths of one stream, in bits per second. */
export interface Bandwidths {
  /** Peak segment bit rate: `BANDWIDTH` of HLS. */
  readonly peak: number;
  /** Average segment bit rate: `AVERAGE-BANDWIDTH` of HLS. */
  readonly average: number;
  /** `bandwidth` of DASH, together with the `minBufferTime` with which it was measured. */
  readonly sustained: number;
}

/**
 * Measures the bandwidths that HLS and DASH define, from the sizes and durations of all segments in their order.
 * @param targetDuration `EXT-X-TARGETDURATION` of the segments, in seconds
 * @param minBufferTime seconds for which a DASH player loads before it plays
 */
export function measureBandwidths(
  segments: readonly MeasuredSegment[],
  { targetDuration, minBufferTime }: { readonly targetDuration: number; readonly minBufferTime: number },
): Bandwidths {
  const average = bitsPerSecond(sum(segments, 'bytes') * 8, sum(segments, 'duration'));
  const sustained = sustainedBitrate(segments, minBufferTime);
  return {
    peak: Math.ceil(Math.max(average, peakBitrate(segments, targetDuration))),
    average: Math.ceil(average),
    // A short stream would fit into the buffer at any bandwidth. The average is then what players expect.
    sustained: Math.ceil(Math.max(average, sustained)),
  };
}

/**
 * Returns the largest bitrate of any contiguous set of segments that lasts between half and one and a half of
 * the target duration (RFC 8216 §4.1); 0 if no set does, because the whole stream is shorter.
 */
function peakBitrate(segments: readonly MeasuredSegment[], targetDuration: number): number {
  // The tolerance keeps a set whose durations, as written, add up to exactly one of the bounds.
  const [shortest, longest] = [0.5 * targetDuration - 1e-6, 1.5 * targetDuration + 1e-6];
  let peak = 0;
  for (let first = 0; first < segments.length; first += 1) {
    let [bits, seconds] = [0, 0];
    for (const { bytes, duration } of segments.slice(first, first + MAX_SET)) {
      bits += bytes * 8;
      seconds += duration;
      if (seconds > longest) break;
      if (seconds >= shortest) peak = Math.max(peak, bitsPerSecond(bits, seconds));
    }
  }
  return peak;
}

/** Maximum number of segments in a contiguous set. Segments are about as long as the target, except for the last. */
const MAX_SET = 64;

/**
 * Returns the smallest bandwidth B with which a player that has loaded for `minBufferTime` seconds at B bits per
 * second can play on without a stall from the beginning of any segment, if it goes on to load at B (ISO/IEC
 * 23009-1 §5.3.5.2, `bandwidth`). A segment can be played once all of it is there. For all segments i ≤ j, B is
 * therefore at least the bits of i to j, divided by the seconds from the first bit of i to the beginning of j.
 */
function sustainedBitrate(segments: readonly MeasuredSegment[], minBufferTime: number): number {
  let bandwidth = 0;
  // Dinkelbach's algorithm for the largest of many ratios: each round finds the pair that lacks most bits at the
  // bandwidth, and raises the bandwidth to what this pair needs. A few rounds are enough.
  for (;;) {
    const needed = mostLacking(segments, bandwidth, minBufferTime);
    if (!(needed > bandwidth)) return bandwidth;
    bandwidth = needed;
  }
}

/** Returns the bandwidth that the pair of segments needs which lacks most bits at `bandwidth`. */
function mostLacking(segments: readonly MeasuredSegment[], bandwidth: number, minBufferTime: number): number {
  let [start, sent] = [0, 0];
  let from = { start, sent, surplus: Number.POSITIVE_INFINITY };
  let worst = { lack: 0, bandwidth };
  for (const { bytes, duration } of segments) {
    const surplus = sent - bandwidth * start;
    if (surplus < from.surplus) from = { start, sent, surplus };
    sent += bytes * 8;
    const lack = sent - bandwidth * start - from.surplus - bandwidth * minBufferTime;
    if (lack > worst.lack)
      worst = { lack, bandwidth: (sent - from.sent) / (minBufferTime + start - from.start) };
    start += duration;
  }
  return worst.bandwidth;
}

function sum(segments: readonly MeasuredSegment[], field: keyof MeasuredSegment): number {
  return segments.reduce((total, segment) => total + segment[field], 0);
}

function bitsPerSecond(bits: number, seconds: number): number {
  return seconds > 0 ? bits / seconds : 0;
}
