import type { MediaLimits } from '../../../domain/media-limits.ts';
import type { ChildBounds } from './child-process.ts';

/** Milliseconds that even the shortest file may take, because the machine may be busy. */
const BASE_TIME_MS = 300_000;
/** Milliseconds to read a file's headers and streams. ffprobe itself limits how many bytes it reads for that. */
const PROBE_TIME_MS = 60_000;
/** Milliseconds to read a file of maximum size from a slow disk without decoding it. */
const MEASURE_TIME_MS = 1_800_000;
/** Milliseconds for a seek and a few frames. */
const PICTURE_TIME_MS = 120_000;

/** Returns the bounds of one encode, whose time depends on the duration of the media. */
export function encodeBounds(limits: MediaLimits, durationSeconds: number): ChildBounds {
  return bounds(limits, BASE_TIME_MS + durationSeconds * limits.encodeTimeRatio * 1000);
}

/** Returns the bounds of copying streams, which takes no longer than encoding them. */
export function copyBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, limits.encodeTimeMs);
}

/** Returns the bounds of taking or converting one picture. */
export function pictureBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, PICTURE_TIME_MS);
}

/** Returns the bounds of reading what a file contains. */
export function probeBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, PROBE_TIME_MS);
}

/** Returns the bounds of measuring a file's duration. */
export function measureBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, MEASURE_TIME_MS);
}

function bounds({ encodeTimeMs, memoryBytes, outputBytes }: MediaLimits, timeMs: number): ChildBounds {
  return { timeMs: Math.min(encodeTimeMs, timeMs), memoryBytes, fileBytes: outputBytes };
}
