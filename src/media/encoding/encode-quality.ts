import type { MediaType, Quality } from '../../domain/media.ts';
import type { MediaLimits } from '../../domain/media-limits.ts';
import { qualityDir, workDir } from '../files/media-files.ts';
import { replaceDirectory } from '../files/replace-files.ts';
import type { TabledColour } from './colour/table.ts';
import { withColourTable } from './colour/table-file.ts';
import { tableOf } from './command/colour-filters.ts';
import { encodeArgs } from './command/encode-args.ts';
import { convertSound } from './convert-sound.ts';
import { runFfmpegGuarded } from './disk-guard.ts';
import { type FfmpegCapabilities, UNKNOWN_BUILD } from './ffmpeg/capabilities.ts';
import {
  type Failure,
  failure,
  type Outcome,
  outcomeOfError,
  SOUND_CHANGES,
  UNDECODABLE,
} from './ffmpeg/failures.ts';
import { encodeBounds } from './ffmpeg/limits.ts';
import { type Finished, finishRendition } from './finish-rendition.ts';
import { decodableBy } from './plan/decodable-by.ts';
import { planRendition } from './plan/plan-rendition.ts';
import type { Rendition } from './plan/rendition.ts';
import { inCountedScratch } from './room/counted-scratch.ts';
import type { OutputRoom, RunRoom } from './room/output-room.ts';
import type { Probe } from './source/probe-report.ts';
import { PACE_NOTE } from './source/source-notes.ts';
import { fallbackNote, mayBeTheStreams, streamsToTry } from './source/stream-fallback.ts';

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
  /** Room for the encoded files of the media. Left out: they are not counted. */
  readonly room?: OutputRoom;
  /** Called with a whole sentence about what is left out of the quality although the file promised it. */
  readonly onNote?: (note: string) => void;
  /**
   * Returns notes about parts of the file that cannot be decoded. It is called if ffmpeg complained during a successful
   * encode, once for each quality.
   */
  readonly findDamage?: () => Promise<readonly string[]>;
  /** By default, ffmpeg can do everything that the service needs. */
  readonly capabilities?: FfmpegCapabilities;
}

/**
 * Encodes one quality of a received file into its directory below `public/`. On failure, this directory does
 * not change. On success, the files survive a loss of power once the promise resolves. Encoding the quality
 * again after a crash replaces the directory. Several qualities of one media can be encoded at the same time.
 * Rejects if ffmpeg cannot be started, or if the file system fails for a reason other than a full disk or too
 * many open files.
 */
export async function encodeQuality(options: EncodeOptions): Promise<Outcome> {
  const { capabilities = UNKNOWN_BUILD, mediaType } = options;
  const probe = decodableBy(capabilities, options.probe);
  const onSeconds = percentOf(probe.durationSeconds, options.onProgress);
  const wanted = mediaType === 'audio' ? { ...probe, video: null } : probe;
  let first: Failure | null = null;
  let isDamaged = false;
  const onComplaint = () => {
    isDamaged = true;
  };
  for (const streams of streamsToTry(wanted)) {
    isDamaged = false;
    const encoded = await encodeWith({ ...wanted, ...streams }, { ...options, onComplaint }, onSeconds);
    if (encoded.ok) {
      if (first !== null) options.onNote?.(fallbackNote(wanted, streams));
      if (isDamaged) for (const note of (await options.findDamage?.()) ?? []) options.onNote?.(note);
      options.onProgress?.(100);
      return encoded;
    }
    first ??= encoded;
    if (!mayBeTheStreams(encoded)) break;
  }
  return first ?? UNDECODABLE;
}

/** Note about a sound that was found to change when it was encoded. */
const FORM_NOTE =
  'The sample rate or the channels of the sound change in the middle; all of it is converted to one form.';

type RunOptions = EncodeOptions & { readonly onComplaint: () => void };

/** Encodes a quality with the streams of `probe`. */
async function encodeWith(
  probe: Probe,
  options: RunOptions,
  onSeconds: (seconds: number) => void,
): Promise<Outcome> {
  const { quality, mediaType, segmentDuration } = options;
  const rendition = planRendition(quality, probe, mediaType, segmentDuration);
  if (!rendition.video && !rendition.audio) return failure('failed', `the file contains no ${mediaType}`);
  const tried = await encodeRendition(rendition, options, onSeconds);
  const isChanging = !tried.ok && tried.reason === SOUND_CHANGES.reason;
  const encoded = isChanging ? await encodeConverted(rendition, options, onSeconds) : tried;
  if (!encoded.ok) return encoded;
  return encoded.missing.length > 0 ? UNDECODABLE : { ok: true };
}

/**
 * Encodes a rendition whose sound changes its sample rate or its layout, of which nothing is known before. The sound is
 * converted to one form first, because filters that give it its times would begin again at each change.
 */
async function encodeConverted(
  rendition: Rendition,
  options: RunOptions,
  onSeconds: (seconds: number) => void,
): Promise<Finished> {
  const { audio } = rendition;
  if (audio === null) return UNDECODABLE;
  const convert = async (scratch: string, run: RunRoom): Promise<Finished> => {
    const made = await convertSound({ ...rendition, audio }, { ...options, run }, scratch);
    if (!made.ok) return made;
    const encoded = await encodeRendition(made.rendition, options, onSeconds);
    const isNoted = options.probe.notes.some((note) => note.startsWith(PACE_NOTE));
    if (encoded.ok && !isNoted) options.onNote?.(FORM_NOTE);
    return encoded;
  };
  // The converted sound is removed at the end.
  const isKept = () => false;
  return inCountedScratch(workDir(options.mediaDir), options.room, convert, isKept).catch(outcomeOfError);
}

/** Encodes a rendition into the directory of its quality, unless a track is missing. */
async function encodeRendition(
  rendition: Rendition,
  options: RunOptions,
  onSeconds: (seconds: number) => void,
): Promise<Finished> {
  const { mediaDir, quality, probe, limits } = options;
  const input = { ...limits, depth: probe.depth ?? null };
  const encode = async (scratch: string, run: RunRoom): Promise<Finished> => {
    const runFfmpeg = () =>
      runFfmpegGuarded(encodeArgs(options.source, rendition, input), {
        ...options,
        run,
        cwd: scratch,
        onProgress: onSeconds,
        bounds: encodeBounds(limits, probe.durationSeconds),
      });
    const encoded = await withColourTable(scratch, tableFor(rendition), runFfmpeg);
    if (!encoded.ok) return encoded;
    const finished = await finishRendition(scratch, rendition);
    if (isWhole(finished)) await replaceDirectory(scratch, qualityDir(mediaDir, quality));
    return finished;
  };
  return inCountedScratch(workDir(mediaDir), options.room, encode, isWhole).catch(outcomeOfError);
}

function isWhole(finished: Finished): boolean {
  return finished.ok && finished.missing.length === 0;
}

/** Returns the colours of the table that the encode of a rendition needs; `null`: it needs none. */
export function tableFor({ video }: Rendition): TabledColour | null {
  return video && tableOf(video.frame.colour);
}

/**
 * Returns a function that converts seconds of output into a percentage of the duration. The function reports
 * each whole percentage at most once, and none above 99.
 */
export function percentOf(
  durationSeconds: number,
  report: EncodeOptions['onProgress'],
): (seconds: number) => void {
  let reported = -1;
  return (seconds) => {
    const percent = durationSeconds > 0 ? Math.floor((seconds / durationSeconds) * 100) : 0;
    const capped = Math.min(99, percent);
    if (capped <= reported) return;
    reported = capped;
    report?.(capped);
  };
}
