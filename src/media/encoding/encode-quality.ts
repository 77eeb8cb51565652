import type { MediaType, Quality } from '../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from '../../domain/media-limits.ts';
import { qualityDir, sourceFile, workDir } from '../files/media-files.ts';
import { inScratchDirectory, moveDirectory } from '../files/scratch-directory.ts';
import { runFfmpegGuarded } from './disk-guard.ts';
import { encodeArgs } from './ffmpeg/args.ts';
import { failure, type Outcome } from './ffmpeg/failures.ts';
import { encodeBounds } from './ffmpeg/limits.ts';
import type { Probe } from './ffmpeg/probe-report.ts';
import { finishRendition } from './finish-rendition.ts';
import { planRendition } from './plan-rendition.ts';

export interface EncodeOptions {
  readonly mediaDir: string;
  /** The received file; `sourceFile(mediaDir)` if left out. */
  readonly source?: string;
  readonly quality: Omit<Quality, 'status'>;
  readonly probe: Probe;
  readonly mediaType: MediaType;
  /** Seconds. */
  readonly segmentDuration: number;
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
  /** Told a percentage that never falls, 100 only when the quality is in its place. */
  readonly onProgress?: (percent: number) => void;
  /** Bytes that must stay free on the disk. */
  readonly minFreeBytes?: number;
  /** `DEFAULT_MEDIA_LIMITS` if left out. */
  readonly limits?: MediaLimits;
}

/**
 * Makes one quality of a received file: a whole directory below `public/`, durable when this resolves, or nothing.
 * May be repeated after a crash, and then replaces what is there; other qualities of the same media may be encoded
 * at the same time. Rejects if ffmpeg could not be started, or on a defect of the file system.
 */
export async function encodeQuality(options: EncodeOptions): Promise<Outcome> {
  const { mediaDir, quality, probe, mediaType, segmentDuration, limits = DEFAULT_MEDIA_LIMITS } = options;
  const rendition = planRendition(quality, probe, mediaType, segmentDuration);
  if (!rendition.video && !rendition.audio) return failure('failed', `the file holds no ${mediaType}`);

  return inScratchDirectory(workDir(mediaDir), async (place) => {
    const args = encodeArgs(options.source ?? sourceFile(mediaDir), rendition, limits);
    const progress = percentOf(probe.durationSeconds, options.onProgress);
    const encoded = await runFfmpegGuarded(args, {
      ...options,
      cwd: place,
      onProgress: progress,
      bounds: encodeBounds(limits, probe.durationSeconds),
    });
    if (!encoded.ok) return encoded;

    const finished = await finishRendition(place, rendition);
    if (!finished.ok) return finished;
    await moveDirectory(place, qualityDir(mediaDir, quality));
    options.onProgress?.(100);
    return { ok: true };
  });
}

/** Seconds of output as whole percents of the duration, each told once. 99 until all is in place. */
function percentOf(durationSeconds: number, tell: EncodeOptions['onProgress']): (seconds: number) => void {
  let told = -1;
  return (seconds) => {
    const percent = durationSeconds > 0 ? Math.floor((seconds / durationSeconds) * 100) : 0;
    const capped = Math.min(99, percent);
    if (capped <= told) return;
    told = capped;
    tell?.(capped);
  };
}
