import type { MediaLimits } from '../../../domain/media-limits.ts';
import type { ChildBounds } from './child-process.ts';

/** What a file as short as can be may take: a machine may be busy. */
const BASE_TIME_MS = 300_000;
/** Headers, and the search for a stream's facts: bounded by ffprobe itself, in bytes. */
const PROBE_TIME_MS = 60_000;
/** Reading a file of the largest size from a slow disk, decoding nothing. */
const MEASURE_TIME_MS = 1_800_000;
/** A seek and a few frames. */
const PICTURE_TIME_MS = 120_000;

export function encodeBounds(limits: MediaLimits, durationSeconds: number): ChildBounds {
  return bounds(limits, BASE_TIME_MS + durationSeconds * limits.encodeTimeRatio * 1000);
}

/** Copying does not take longer than encoding. */
export function copyBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, limits.encodeTimeMs);
}

export function pictureBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, PICTURE_TIME_MS);
}

export function probeBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, PROBE_TIME_MS);
}

export function measureBounds(limits: MediaLimits): ChildBounds {
  return bounds(limits, MEASURE_TIME_MS);
}

function bounds({ encodeTimeMs, memoryBytes, outputBytes }: MediaLimits, timeMs: number): ChildBounds {
  return { timeMs: Math.min(encodeTimeMs, timeMs), memoryBytes, fileBytes: outputBytes };
}
