import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { qualityDir, workDir } from '../files/media-files.ts';
import { replaceDirectory } from '../files/replace-files.ts';
import { withColourTable } from './colour/table-file.ts';
import { encodeTogetherArgs, outputDirectory } from './command/encode-args.ts';
import { runFfmpegGuarded } from './disk-guard.ts';
import { type EncodeOptions, percentOf, tableFor } from './encode-quality.ts';
import { UNKNOWN_BUILD } from './ffmpeg/capabilities.ts';
import { type Failure, outcomeOfError } from './ffmpeg/failures.ts';
import { encodeBounds } from './ffmpeg/limits.ts';
import { finishRendition } from './finish-rendition.ts';
import { decodableBy } from './plan/decodable-by.ts';
import { planRendition } from './plan/plan-rendition.ts';
import type { Rendition } from './plan/rendition.ts';
import { inCountedScratch } from './room/counted-scratch.ts';
import type { RunRoom } from './room/output-room.ts';

type EncodedQuality = EncodeOptions['quality'];

export interface TogetherOptions extends Omit<EncodeOptions, 'quality'> {
  /** Qualities, of which each has a picture. */
  readonly qualities: readonly [EncodedQuality, ...EncodedQuality[]];
}

/** Result of `encodeTogether`. `done`: the qualities that are complete, in the order of `qualities`. */
export type EncodedTogether = { readonly ok: true; readonly done: readonly EncodedQuality[] } | Failure;

/**
 * Encodes several qualities of a received file in one run of ffmpeg, which decodes the file once. The files of each
 * are those that `encodeQuality` would make. If ffmpeg fails, no quality is complete, and the failure may be that of
 * a single one: the caller should then encode each by itself, and so each that is not among `done`. Only the first
 * choice of streams is tried. Rejects as `encodeQuality` does.
 */
export async function encodeTogether(options: TogetherOptions): Promise<EncodedTogether> {
  const { mediaDir, qualities, mediaType, segmentDuration, limits } = options;
  const probe = decodableBy(options.capabilities ?? UNKNOWN_BUILD, options.probe);
  const plan = (quality: EncodedQuality) => planRendition(quality, probe, mediaType, segmentDuration);
  const [first, ...others] = qualities;
  const renditions = [plan(first), ...others.map(plan)] as const;
  const outputs = renditions.map((_, place) => outputDirectory(place));
  let isDamaged = false;
  const encode = async (scratch: string, room: RunRoom): Promise<EncodedTogether> => {
    for (const output of outputs) await mkdir(join(scratch, output));
    const args = encodeTogetherArgs(options.source, renditions, { ...limits, depth: probe.depth ?? null });
    const run = () =>
      runFfmpegGuarded(args, {
        ...options,
        run: room,
        cwd: scratch,
        outputs,
        onComplaint: () => {
          isDamaged = true;
        },
        onProgress: percentOf(probe.durationSeconds, options.onProgress),
        bounds: encodeBounds(limits, probe.durationSeconds, renditions.length),
      });
    const encoded = await withColourTable(scratch, tableFor(renditions[0]), run);
    if (!encoded.ok) return encoded;
    const done: EncodedQuality[] = [];
    for (const [place, quality] of qualities.entries()) {
      const directory = join(scratch, outputDirectory(place));
      if (!(await isComplete(directory, renditions[place]))) continue;
      await replaceDirectory(directory, qualityDir(mediaDir, quality));
      done.push(quality);
    }
    if (isDamaged && done.length > 0)
      for (const note of (await options.findDamage?.()) ?? []) options.onNote?.(note);
    return { ok: true, done };
  };
  return inCountedScratch(workDir(mediaDir), options.room, encode).catch(outcomeOfError);
}

async function isComplete(directory: string, rendition: Rendition | undefined): Promise<boolean> {
  if (rendition === undefined) return false;
  const finished = await finishRendition(directory, rendition);
  return finished.ok && finished.missing.length === 0;
}
