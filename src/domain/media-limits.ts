/**
 * Limits of the media that are accepted, and of the resources that one encoder may use. They exist because uploaded
 * files are not trusted.
 */
export interface MediaLimits {
  /** Maximum pixels of a frame, both as displayed and as decoded. */
  readonly maxPixels: number;
  readonly maxDurationSeconds: number;
  /** Maximum milliseconds of one run of an encoder, whatever it encodes. */
  readonly encodeTimeMs: number;
  /** Seconds that encoding may take for each second of media. */
  readonly encodeTimeRatio: number;
  /** Maximum bytes of address space of one encoder. */
  readonly memoryBytes: number;
  /** Maximum bytes that one encoder may write. */
  readonly outputBytes: number;
  /** Threads of one encoder that decode; as many more encode. */
  readonly threads: number;
}

const MIB = 1024 * 1024;

/** Limits that apply unless settings change them, for a machine with a few cores. */
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
