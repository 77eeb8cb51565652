import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { MediaLimits } from '../../domain/media-limits.ts';
import {
  customThumbnailFile,
  downloadFile,
  qualityEntryFile,
  thumbnailFile,
  workDir,
} from '../files/media-files.ts';
import { replaceFile } from '../files/replace-files.ts';
import type { TabledColour } from './colour/table.ts';
import { withColourTable } from './colour/table-file.ts';
import { tableOf } from './command/colour-filters.ts';
import { mp4Args, pictureArgs, thumbnailArgs, thumbnailTime } from './command/derived-file-args.ts';
import { HLS_STREAM_INFO } from './command/encode-args.ts';
import { runFfmpegGuarded, whyIncomplete } from './disk-guard.ts';
import { type FfmpegCapabilities, UNKNOWN_BUILD } from './ffmpeg/capabilities.ts';
import type { ChildBounds } from './ffmpeg/child-process.ts';
import { type Failure, failure, type Outcome, outcomeOfError, UNDECODABLE } from './ffmpeg/failures.ts';
import { copyBounds, pictureBounds, thumbnailBounds } from './ffmpeg/limits.ts';
import { isWholeFile } from './ffmpeg/truncation.ts';
import { readBeginning } from './output/beginning.ts';
import { movieSeconds } from './output/movie-seconds.ts';
import { decodableBy } from './plan/decodable-by.ts';
import { playedSeconds } from './played-facts.ts';
import { readManifest } from './playlists/read-manifest.ts';
import { trackPlaylist, tracksPlaylist } from './playlists/track-playlist.ts';
import { inCountedScratch } from './room/counted-scratch.ts';
import type { OutputRoom, RunRoom } from './room/output-room.ts';
import type { Probe } from './source/probe-report.ts';
import { bestQuality, type FinishedQuality } from './write-playlists.ts';

export interface DerivedFileOptions {
  readonly mediaDir: string;
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
  /** Number of bytes that must stay free on the disk. */
  readonly minFreeBytes: number;
  readonly limits: MediaLimits;
  /** Room for the encoded files of the media. Left out: they are not counted. */
  readonly room?: OutputRoom;
  /** By default, ffmpeg can do everything that the service needs. */
  readonly capabilities?: FfmpegCapabilities;
}

/**
 * Makes the MP4 for download from the best finished quality. The streams of that quality are copied, not
 * encoded again.
 */
export async function makeMp4(
  finished: readonly FinishedQuality[],
  options: DerivedFileOptions,
): Promise<Outcome> {
  const best = bestQuality(finished);
  if (best === undefined) return failure('failed', 'there is no finished quality to make an MP4 of');
  const entry = qualityEntryFile(options.mediaDir, best);
  const argsFor = async (output: string, scratch: string) => {
    const playlist = await (best.type === 'hls'
      ? playlistOfTracks(entry)
      : playlistOfManifest(entry, scratch));
    const begins = await readBeginning(playlist, options);
    if (!begins.ok) return begins;
    return mp4Args(playlist, output, { videoCodec: best.videoCodec, beginsAt: begins.seconds });
  };
  const bounds = copyBounds(options.limits);
  const seconds = await playedSeconds(options.mediaDir, best);
  const check = (file: string) => checkDuration(file, seconds);
  return makeFile(argsFor, downloadFile(options.mediaDir), { ...options, bounds, check });
}

/** Seconds by which an MP4 may be shorter than its quality, whose last picture has no duration in a transport stream. */
const MAX_SHORTER = 0.25;

/** Checks that the MP4 of a quality lasts as long as the quality, because ffmpeg succeeds with a part of it, too. */
async function checkDuration(file: string, expected: number | null): Promise<Outcome> {
  const seconds = await movieSeconds(file);
  if (expected === null || (seconds !== null && seconds > expected - MAX_SHORTER)) return { ok: true };
  return failure('killed', `the MP4 lasts ${seconds ?? 0} of ${expected} seconds`);
}

/** Returns the playlist of a quality from which ffmpeg reads picture and sound, also if each has a playlist of its own. */
async function playlistOfTracks(entry: string): Promise<string> {
  const master = join(dirname(entry), HLS_STREAM_INFO);
  const text = await readFile(master, 'utf8').catch(() => '');
  return text.includes('#EXT-X-MEDIA:') ? master : entry;
}

/**
 * Writes HLS playlists of a DASH quality, and returns the path of their master playlist. The MP4 is made from it,
 * because only an ffmpeg with libxml2 reads a DASH manifest. The segments of both formats are the same.
 */
async function playlistOfManifest(manifest: string, scratch: string): Promise<string> {
  const tracks = readManifest(await readFile(manifest, 'utf8'));
  const folder = relative(scratch, dirname(manifest));
  const playlists = tracks.map((track, index) => ({ track, uri: `track-${index}.m3u8` }));
  for (const { track, uri } of playlists) await writeFile(join(scratch, uri), trackPlaylist(track, folder));
  const master = join(scratch, 'tracks.m3u8');
  await writeFile(master, tracksPlaylist(playlists));
  return master;
}

/** Returns whether a file contains a picture for a thumbnail: video, or the cover of an audio file. */
export function hasPicture(probe: Probe): boolean {
  return probe.video !== null || probe.coverStream !== null;
}

/**
 * Makes the thumbnail of a media, a JPEG: of a video, the frame at a tenth of its duration; of an audio file,
 * its cover.
 */
export async function makeThumbnail(
  probe: Probe,
  options: DerivedFileOptions & { readonly source: string },
): Promise<Outcome> {
  if (!hasPicture(probe)) return failure('failed', 'the file contains no picture');
  const { source, capabilities = UNKNOWN_BUILD } = options;
  const limits = { ...options.limits, depth: probe.depth ?? null };
  const decodable = decodableBy(capabilities, probe);
  const target = thumbnailFile(options.mediaDir);
  const at = (seconds: number) =>
    makeFile((output) => thumbnailArgs(source, decodable, { seconds, output, limits }), target, {
      ...options,
      bounds: thumbnailBounds(limits),
      table: decodable.video && tableOf(decodable.video.frame.colour),
    });

  const time = thumbnailTime(probe.durationSeconds);
  const made = await at(time);
  // A file can state a duration that is too long. The first attempt then seeks past the last frame and fails,
  // and a second attempt takes the first frame.
  return made.ok || made.kind !== 'failed' || time === 0 ? made : at(0);
}

/**
 * Makes the custom thumbnail of a media, a JPEG, from a picture that the account sent in any format. The
 * outcome is `failed` if the file is not a picture. `onMade` is called with the path of the JPEG before it is put in its
 * place; if it rejects, so does this function. The scratch directory is created beside the picture and
 * not in the work directory of the media, because an encode of the media that begins meanwhile clears the
 * work directory.
 */
export async function makeCustomThumbnail(
  picture: string,
  options: DerivedFileOptions & { readonly onMade?: (file: string) => Promise<void> },
): Promise<Outcome> {
  const { mediaDir } = options;
  // One thread is enough for one frame, and each thread takes address space.
  const limits = { ...options.limits, threads: 1 };
  return makeFile((output) => pictureArgs(picture, output, limits), customThumbnailFile(mediaDir), {
    ...options,
    scratchIn: dirname(picture),
    check: async (file) => {
      await options.onMade?.(file);
      return { ok: true };
    },
    bounds: pictureBounds(limits),
  });
}

async function makeFile(
  argsFor: (output: string, scratch: string) => string[] | Promise<string[] | Failure>,
  target: string,
  options: DerivedFileOptions & {
    readonly bounds: ChildBounds;
    readonly scratchIn?: string;
    readonly table?: TabledColour | null;
    /** Returns a failure if a whole file is wrong. */
    readonly check?: (file: string) => Promise<Outcome>;
  },
): Promise<Outcome> {
  const { scratchIn = workDir(options.mediaDir), table = null } = options;
  const make = async (scratch: string, room: RunRoom): Promise<Outcome> => {
    const name = target.endsWith('.jpg') ? 'made.jpg' : 'made.mp4';
    const args = await argsFor(name, scratch);
    if (!Array.isArray(args)) return args;
    const run = () => runFfmpegGuarded(args, { ...options, run: room, cwd: scratch });
    const made = await withColourTable(scratch, table, run);
    if (!made.ok) return made;

    const file = join(scratch, name);
    if (!existsSync(file)) return UNDECODABLE;
    if (!(await isWholeFile(file))) return whyIncomplete(scratch);
    const checked = await options.check?.(file);
    if (checked && !checked.ok) return checked;
    await replaceFile(file, target);
    return { ok: true };
  };
  return inCountedScratch(scratchIn, options.room, make).catch(outcomeOfError);
}
