import type { MediaType, Quality } from '../../domain/media.ts';
import type { MediaLimits } from '../../domain/media-limits.ts';
import { qualityDir, workDir } from '../files/media-files.ts';
import { replaceDirectory } from '../files/replace-files.ts';
import { inScratchDirectory } from '../files/scratch-directory.ts';
import { encodeArgs } from './command/encode-args.ts';
import { runFfmpegGuarded } from './disk-guard.ts';
import { failure, type Outcome, outcomeOfError } from './ffmpeg/failures.ts';
import { encodeBounds } from './ffmpeg/limits.ts';
import { finishRendition } from './finish-rendition.ts';
import { planRendition } from './plan/plan-rendition.ts';
import type { Probe } from './source/probe-report.ts';

export interface EncodeOptions {
  readonly mediaDir: string;
  /** Path of the received file. */
  readonly source: string;
  readonly quality: Omit<Quality, 'status'>;
  readonly probe: Probe;
  readonly mediaType: MediaType;
  /** Seconds. */
  readonly segmentDuration: number;
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
  /**
   * Called with the encoded percentage of the quality, which never decreases. The percentage is 100 only when
   * the quality is in its final directory.
   */
  readonly onProgress?: (percent: number) => void;
  /** Number of bytes that must stay free on the disk. */
  readonly minFreeBytes: number;
  readonly limits: MediaLimits;
}

/**
 * Encodes one quality of a received file into its directory below `public/`. On failure, this directory does
 * not change. On success, the files survive a loss of power once the promise resolves. Encoding the quality
 * again after a crash replaces the directory. Several qualities of one media can be encoded at the same time.
 * Rejects if ffmpeg cannot be started, or if the file system fails for a reason other than a full disk or too
 * many open files.
 */
export async function encodeQuality(options: EncodeOptions): Promise<Outcome> {
  const { mediaDir, quality, probe, mediaType, segmentDuration, limits } = options;
  const rendition = planRendition(quality, probe, mediaType, segmentDuration);
  if (!rendition.video && !rendition.audio) return failure('failed', `the file contains no ${mediaType}`);

  return inScratchDirectory(workDir(mediaDir), async (scratch): Promise<Outcome> => {
    const args = encodeArgs(options.source, rendition, limits);
    const progress = percentOf(probe.durationSeconds, options.onProgress);
    const encoded = await runFfmpegGuarded(args, {
      ...options,
      cwd: scratch,
      onProgress: progress,
      bounds: encodeBounds(limits, probe.durationSeconds),
    });
    if (!encoded.ok) return encoded;

    const finished = await finishRendition(scratch, rendition);
    if (!finished.ok) return finished;
    await replaceDirectory(scratch, qualityDir(mediaDir, quality));
    options.onProgress?.(100);
    return { ok: true };
  }).catch(outcomeOfError);
}

/**
 * Returns a function that converts seconds of output into a percentage of the duration. The function reports
 * each whole percentage at most once, and none above 99.
 */
function percentOf(durationSeconds: number, report: EncodeOptions['onProgress']): (seconds: number) => void {
  let reported = -1;
  return (seconds) => {
    const percent = durationSeconds > 0 ? Math.floor((seconds / durationSeconds) * 100) : 0;
    const capped = Math.min(99, percent);
    if (capped <= reported) return;
    reported = capped;
    report?.(capped);
  };
}
