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
  /** Whether pictures and sounds whose times are behind the end are left out. Left out: all stay. */
  readonly hasStrays?: true;
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

/**
 * Maximum number of seconds of sound that are left out before the first picture: encoders of sound begin with a frame of
 * silence, which is not marked in every container.
 */
const MAX_CUT_SECONDS = 0.025;

/** Rate of the encoded pictures, with which a media begins and ends at whole pictures. */
export interface PictureGrid {
  /** Pictures per second. */
  readonly frameRate: number;
  /** Whether pictures are encoded. A sound alone keeps its own end. */
  readonly isEncoded: boolean;
}

/**
 * Returns the timeline of an encode. `grid`: rate of the pictures that the media has; `null`: it has none. If the sound
 * begins before the picture, the media begins a whole number of pictures before the first one. Otherwise all pictures
 * would be shown up to half a picture too early or too late beside the sound.
 */
export function planTimeline(
  {
    beginsAt,
    durationSeconds,
    joined,
    hasStrays,
    video,
  }: Pick<Probe, 'beginsAt' | 'durationSeconds' | 'joined' | 'hasStrays' | 'video'>,
  grid: PictureGrid | null,
): Timeline {
  const moved = video && grid ? secondsToGrid(video.span.start, grid.frameRate) : 0;
  const strays = hasStrays ? { hasStrays } : {};
  const begins = { beginsAt: beginsAt + moved, ...(joined ? { joined } : {}), ...strays };
  const seconds = durationSeconds - moved;
  if (!grid?.isEncoded) return { ...begins, durationSeconds: seconds };
  const pictures = Math.max(1, Math.round(seconds * grid.frameRate));
  return { ...begins, durationSeconds: pictures / grid.frameRate };
}

/** Returns by how many seconds a media begins later, so that its first picture is shown after whole pictures. */
function secondsToGrid(pictureStart: number, frameRate: number): number {
  const part = (pictureStart * frameRate) % 1;
  const cut = part / frameRate;
  return cut <= MAX_CUT_SECONDS ? cut : cut - 1 / frameRate;
}
