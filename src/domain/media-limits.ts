/**
 * Limits of the media that the service accepts, and of the resources that one encoder process can use. The
 * limits exist because uploaded files are not trusted.
 */
export interface MediaLimits {
  /** Maximum number of pixels of a frame. The limit applies to the displayed size and to the decoded size. */
  readonly maxPixels: number;
  readonly maxDurationSeconds: number;
  /** Maximum running time of one encoder process in milliseconds, whatever the duration of the media. */
  readonly encodeTimeMs: number;
  /**
   * Limits the running time of the process that encodes a quality: to five minutes plus this number of
   * seconds for each second of media. If `encodeTimeMs` is shorter, `encodeTimeMs` applies instead.
   */
  readonly encodeTimeRatio: number;
  /** Maximum size of the address space of one encoder process, in bytes. */
  readonly memoryBytes: number;
  /** Maximum size of the output of one encoder process, in bytes. */
  readonly outputBytes: number;
  /**
   * Number of decoding threads of one encoder process. The process has the same number of encoding threads.
   */
  readonly threads: number;
}

const MIB = 1024 * 1024;

/** Limits that apply unless the settings change them. They suit a machine with a few cores. */
export const DEFAULT_MEDIA_LIMITS: MediaLimits = Object.freeze({
  // 8192×4320 pixels, which is 8K.
  maxPixels: 35_389_440,
  maxDurationSeconds: 24 * 3600,
  encodeTimeMs: 24 * 3_600_000,
  encodeTimeRatio: 200,
  // Encoding 8K as H.265 with two threads takes 6 GiB.
  memoryBytes: 8192 * MIB,
  outputBytes: 50 * 1024 * MIB,
  threads: 2,
});
