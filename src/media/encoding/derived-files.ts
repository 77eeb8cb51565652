import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from '../../domain/media-limits.ts';
import {
  customThumbnailFile,
  downloadFile,
  qualityEntryFile,
  sourceFile,
  thumbnailFile,
  workDir,
} from '../files/media-files.ts';
import { inScratchDirectory, moveFile } from '../files/scratch-directory.ts';
import { runFfmpegGuarded, whyNotWhole } from './disk-guard.ts';
import type { ChildBounds } from './ffmpeg/child-process.ts';
import { mp4Args, pictureArgs, thumbnailArgs, thumbnailTime } from './ffmpeg/derived-file-args.ts';
import { failure, type Outcome, UNDECODABLE } from './ffmpeg/failures.ts';
import { copyBounds, pictureBounds } from './ffmpeg/limits.ts';
import type { Probe } from './ffmpeg/probe-report.ts';
import { isWholeFile } from './ffmpeg/truncation.ts';
import { bestQuality, type FinishedQuality } from './write-playlists.ts';

export interface DerivedFileOptions {
  readonly mediaDir: string;
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
  readonly minFreeBytes?: number;
  /** `DEFAULT_MEDIA_LIMITS` if left out. */
  readonly limits?: MediaLimits;
}

/** The MP4 for download, of the best finished quality, copied and not encoded again. */
export async function makeMp4(
  finished: readonly FinishedQuality[],
  options: DerivedFileOptions,
): Promise<Outcome> {
  const best = bestQuality(finished);
  if (best === undefined) return failure('failed', 'there is no finished quality to make an MP4 of');
  const entry = qualityEntryFile(options.mediaDir, best);
  const { limits = DEFAULT_MEDIA_LIMITS, mediaDir } = options;
  return makeFile((output) => mp4Args(entry, output), downloadFile(mediaDir), {
    ...options,
    bounds: copyBounds(limits),
  });
}

/** Whether a thumbnail can be made at all: not of sound without a cover. */
export function hasPicture(probe: Probe): boolean {
  return probe.video !== null || probe.coverStream !== null;
}

/** A JPEG from a tenth into the video, or of an audio file's cover. */
export async function makeThumbnail(
  probe: Probe,
  options: DerivedFileOptions & { readonly source?: string },
): Promise<Outcome> {
  if (!hasPicture(probe)) return failure('failed', 'the file holds no picture');
  const source = options.source ?? sourceFile(options.mediaDir);
  const target = thumbnailFile(options.mediaDir);
  const { limits = DEFAULT_MEDIA_LIMITS } = options;
  const at = (seconds: number) =>
    makeFile((output) => thumbnailArgs(source, probe, { seconds, output, limits }), target, {
      ...options,
      bounds: pictureBounds(limits),
    });

  const time = thumbnailTime(probe.durationSeconds);
  const made = await at(time);
  // A duration that is not true seeks past the end; the first picture is there if any is.
  return made.ok || made.kind !== 'failed' || time === 0 ? made : at(0);
}

/**
 * A JPEG of a picture that the account sent, whatever its format. `failed` if it is no picture. Works beside the
 * picture: an encode of the media may begin meanwhile, and clears the media's own place for work.
 */
export async function makeCustomThumbnail(picture: string, options: DerivedFileOptions): Promise<Outcome> {
  const { limits = DEFAULT_MEDIA_LIMITS, mediaDir } = options;
  return makeFile((output) => pictureArgs(picture, output, limits), customThumbnailFile(mediaDir), {
    ...options,
    workIn: dirname(picture),
    bounds: pictureBounds(limits),
  });
}

async function makeFile(
  argsFor: (output: string) => string[],
  target: string,
  options: DerivedFileOptions & { readonly bounds: ChildBounds; readonly workIn?: string },
): Promise<Outcome> {
  const { workIn = workDir(options.mediaDir) } = options;
  return inScratchDirectory(workIn, async (place) => {
    const name = target.endsWith('.jpg') ? 'made.jpg' : 'made.mp4';
    const made = await runFfmpegGuarded(argsFor(name), { ...options, cwd: place });
    if (!made.ok) return made;

    const file = join(place, name);
    if (!existsSync(file)) return UNDECODABLE;
    if (!(await isWholeFile(file))) return whyNotWhole(place);
    await moveFile(file, target);
    return { ok: true };
  });
}
