import type { MediaLimits } from '../../../domain/media-limits.ts';
import type { ChildBounds } from './child-process.ts';

/**
 * Milliseconds that every encode is allowed to take, in addition to a time proportional to the duration of
 * the media. Even a short encode can take long if the machine is busy.
 */
const BASE_TIME_MS = 300_000;
/**
 * Maximum milliseconds for reading the headers and streams of a file. ffprobe itself limits the number of
 * bytes that it reads for this purpose.
 */
const PROBE_TIME_MS = 60_000;
/**
 * Maximum milliseconds for reading a whole file without decoding it: enough for the largest file on a slow
 * disk.
 */
const MEASURE_TIME_MS = 1_800_000;
/** Maximum milliseconds for a seek and for decoding a few frames. */
const PICTURE_TIME_MS = 120_000;
/**
 * Address space for converting one picture that an account sent, in bytes: a part that does not depend on the
 * picture, and a part for each pixel. Converting a PNG of 8192×4320 pixels with 16 bits for each of four
 * colours takes 1.1 GiB in all.
 */
const PICTURE_BASE_BYTES = 1024 ** 3;
const PICTURE_BYTES_PER_PIXEL = 16;

/**
 * Returns the limits of the process that encodes a quality, or several (`outputs`). The time limit grows with the
 * duration of the media, and with the number of qualities.
 */
export function encodeBounds(limits: MediaLimits, durationSeconds: number, outputs = 1): ChildBounds {
  return bounds(limits, BASE_TIME_MS + outputs * durationSeconds * limits.encodeTimeRatio * 1000);
}

/**
 * Returns the limits of the process that copies streams. The time limit is that of the longest encode,
 * because copying takes no longer than encoding.
 */
export function copyBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, limits.encodeTimeMs);
}

/** Returns the limits of the process that takes one picture of a media. */
export function thumbnailBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, PICTURE_TIME_MS);
}

/**
 * Returns the limits of the process that converts one picture. Such a process has no encoder slot, so that its
 * memory is not a part of the encoders' memory, and must be small.
 */
export function pictureBounds(limits: MediaLimits): ChildBounds {
  const memoryBytes = Math.min(
    limits.memoryBytes,
    PICTURE_BASE_BYTES + limits.maxPixels * PICTURE_BYTES_PER_PIXEL,
  );
  return { ...bounds(limits, PICTURE_TIME_MS), memoryBytes };
}

/** Returns the limits of the process that reads the headers and streams of a file. */
export function probeBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, PROBE_TIME_MS);
}

/** Returns the limits of the process that measures the duration of a file. */
export function measureBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, MEASURE_TIME_MS);
}

function bounds({ encodeTimeMs, memoryBytes, outputBytes }: MediaLimits, timeMs: number): ChildBounds {
  return { timeMs: Math.min(encodeTimeMs, timeMs), memoryBytes, fileBytes: outputBytes };
}
