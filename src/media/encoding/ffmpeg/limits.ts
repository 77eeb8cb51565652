import type { ChildBounds } from './child-process.ts';

/** What is taken of media, and what encoding one may take of this machine. What is uploaded is hostile. */
export interface MediaLimits {
  /** Pixels of a frame, as displayed or as decoded. */
  readonly maxPixels: number;
  readonly maxDurationSeconds: number;
  /** The longest that one run of an encoder may take, whatever it encodes. */
  readonly encodeTimeMs: number;
  /** Seconds that a second of media may take to encode. */
  readonly encodeTimeRatio: number;
  /** Bytes of address space of one encoder. */
  readonly memoryBytes: number;
  /** Bytes that one encoder may write. */
  readonly outputBytes: number;
  /** Threads that decode, and as many that encode, in one encoder. */
  readonly threads: number;
}

const MIB = 1024 * 1024;

/** What holds in production unless settings say otherwise, for a machine of a few cores. */
export const DEFAULT_MEDIA_LIMITS: MediaLimits = Object.freeze({
  // 8192×4320, which is 8K.
  maxPixels: 35_389_440,
  maxDurationSeconds: 24 * 3600,
  encodeTimeMs: 24 * 3_600_000,
  encodeTimeRatio: 200,
  // An H.265 encode of 8K with two threads takes 6 GiB.
  memoryBytes: 8192 * MIB,
  outputBytes: 50 * 1024 * MIB,
  threads: 2,
});

/** What a file as short as can be may take: a machine may be busy. */
const BASE_TIME_MS = 300_000;
/** Headers, and the search for a stream's facts: bounded by ffprobe itself, in bytes. */
const PROBE_TIME_MS = 60_000;
/** Reading a file of the largest size from a slow disk, decoding nothing. */
const MEASURE_TIME_MS = 1_800_000;
/** A seek and a few frames. */
const PICTURE_TIME_MS = 120_000;

/** Past these, threads bring little and take memory each. */
const MAX_THREADS = 16;

/** So many threads an encoder that all encoders together use all cores. */
export function threadsOf(cores: number, encoders: number): number {
  return Math.min(MAX_THREADS, Math.max(1, Math.ceil(cores / encoders)));
}

/** Bytes for one encoder: all encoders share three quarters of the memory, but what 4K needs each must have. */
export function memoryOf(totalBytes: number, encoders: number): number {
  const share = Math.floor((totalBytes * 3) / 4 / encoders / MIB) * MIB;
  return Math.min(32_768 * MIB, Math.max(2048 * MIB, share));
}

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
