/** Segment with what our own reading of the specifications needs of it. */
export interface Sized {
  /** Seconds. */
  readonly duration: number;
  readonly bytes: number;
}

/** Returns all contiguous sets of segments. Their number grows with the square of the segments. */
function contiguousSets(segments: readonly Sized[]): Sized[] {
  return segments.flatMap((_, first) => {
    let [duration, bytes] = [0, 0];
    return segments.slice(first).map((segment) => {
      duration += segment.duration;
      bytes += segment.bytes;
      return { duration, bytes };
    });
  });
}

const bitrate = ({ duration, bytes }: Sized) => (bytes * 8) / duration;

/** Returns the average segment bit rate (RFC 8216 §4.1). */
export function averageRate(segments: readonly Sized[]): number {
  return bitrate({
    duration: segments.reduce((total, { duration }) => total + duration, 0),
    bytes: segments.reduce((total, { bytes }) => total + bytes, 0),
  });
}

/** Returns the peak segment bit rate (RFC 8216 §4.1); the average if all segments together are too short for it. */
export function peakRate(segments: readonly Sized[], targetDuration: number): number {
  const counted = contiguousSets(segments).filter(
    ({ duration }) => duration >= 0.5 * targetDuration - 1e-6 && duration <= 1.5 * targetDuration + 1e-6,
  );
  return counted.length === 0 ? averageRate(segments) : Math.max(...counted.map(bitrate));
}

/**
 * Returns whether playing that begins at any segment, `minBufferTime` after its first bit, never waits for bits
 * that come at `bandwidth` (ISO/IEC 23009-1 §5.3.5.2).
 */
export function playsWithoutStall(
  segments: readonly Sized[],
  { bandwidth, minBufferTime }: { bandwidth: number; minBufferTime: number },
): boolean {
  return segments.every((_, first) => {
    let [bits, playedAt] = [0, minBufferTime];
    return segments.slice(first).every(({ duration, bytes }) => {
      bits += bytes * 8;
      const arrivedAt = bits / bandwidth;
      const isInTime = arrivedAt <= playedAt + 1e-6;
      playedAt += duration;
      return isInTime;
    });
  });
}
