import type { Probe } from '../source/probe-report.ts';

/** Times of the encoded picture and sound, which are the same for both and for all qualities of a media. */
export interface Timeline {
  /** Seconds at which the media begins on the timeline of the file, which becomes 0. */
  readonly beginsAt: number;
  /**
   * Exact number of seconds that the encoded picture and sound last: a whole number of pictures if there is a
   * picture.
   */
  readonly durationSeconds: number;
  /** Streams by whose times ffmpeg joins the parts of the file, because they jump. Left out: they do not jump. */
  readonly joined?: readonly number[];
}

/**
 * Minimum number of pictures per second. The duration of a media is a whole number of pictures, so that it is
 * at most half a picture from the duration of the file. A repeated picture takes next to no bits.
 */
const MIN_FRAME_RATE = 10;

/**
 * Returns the number of pictures per second of an encode. A slower video repeats each of its pictures equally
 * often.
 */
export function encodedFrameRate(sourceRate: number): number {
  return exactRate(sourceRate * Math.ceil(MIN_FRAME_RATE / sourceRate));
}

/**
 * Returns the nearest frame rate that can be written as a fraction of 1000 or 1001. The rates of NTSC are
 * fractions of 1001.
 */
function exactRate(rate: number): number {
  const ntsc = Math.round((rate * 1001) / 1000) * (1000 / 1001);
  return Math.abs(ntsc / rate - 1) < 1e-5 ? ntsc : Math.round(rate * 1000) / 1000;
}

/** Returns the timeline of an encode. `frameRate` is that of the encoded picture; `undefined`: there is no picture. */
export function planTimeline(
  { beginsAt, durationSeconds, joined }: Pick<Probe, 'beginsAt' | 'durationSeconds' | 'joined'>,
  frameRate: number | undefined,
): Timeline {
  const begins = { beginsAt, ...(joined ? { joined } : {}) };
  if (frameRate === undefined) return { ...begins, durationSeconds };
  const pictures = Math.max(1, Math.round(durationSeconds * frameRate));
  return { ...begins, durationSeconds: pictures / frameRate };
}
