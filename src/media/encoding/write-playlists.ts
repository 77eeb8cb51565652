import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QUALITY_NAMES, type Quality } from '../../domain/media.ts';
import {
  dashManifestFile,
  hlsMasterFile,
  qualityDir,
  qualityEntryFile,
  qualityName,
  workDir,
} from '../files/media-files.ts';
import { replaceText } from '../files/replace-files.ts';
import { inScratchDirectory } from '../files/scratch-directory.ts';
import { HLS_AUDIO_PLAYLIST, HLS_PLAYLIST, HLS_STREAM_INFO } from './command/encode-args.ts';
import { type Outcome, outcomeOfError } from './ffmpeg/failures.ts';
import { dashManifest } from './playlists/dash-manifest.ts';
import { masterPlaylist, streamInfIn, type Variant, withSoundGroup } from './playlists/master-playlist.ts';
import { readManifest } from './playlists/read-manifest.ts';

/** Fields that identify a finished quality and say how it was encoded. */
export type FinishedQuality = Pick<Quality, 'position' | 'resolution' | 'type' | 'videoCodec'>;

/**
 * Writes the files that players open: the HLS master playlist and the DASH manifest, which list all finished
 * qualities. Playback can begin after the first quality if this function is called after each quality. Each
 * file is replaced durably and atomically. Two calls for the same media must not run at the same time,
 * because a call with fewer qualities could otherwise overwrite the result of a call with more qualities.
 */
export async function writePlaylists(
  mediaDir: string,
  finished: readonly FinishedQuality[],
): Promise<Outcome> {
  const hls = finished.filter(({ type }) => type === 'hls');
  const dash = finished.filter(({ type }) => type === 'dash');
  return inScratchDirectory(workDir(mediaDir), async (scratch) => {
    if (hls.length > 0) await writeHlsMaster(scratch, mediaDir, hls);
    if (dash.length > 0) await writeDashManifest(scratch, mediaDir, dash);
    return { ok: true } as const;
  }).catch(outcomeOfError);
}

async function writeHlsMaster(
  scratch: string,
  mediaDir: string,
  qualities: readonly FinishedQuality[],
): Promise<void> {
  const variants = await Promise.all(
    qualities.map(async (quality): Promise<Variant> => {
      const streamInfo = await readFile(join(qualityDir(mediaDir, quality), HLS_STREAM_INFO), 'utf8');
      const name = qualityName(quality);
      const [uri, streamInf] = [`${name}/${HLS_PLAYLIST}`, streamInfIn(streamInfo) ?? ''];
      const group = `sound-${name}`;
      const grouped = withSoundGroup(streamInf, group);
      if (grouped === null) return { uri, streamInf };
      return { uri, streamInf: grouped, sound: { group, uri: `${name}/${HLS_AUDIO_PLAYLIST}` } };
    }),
  );
  await replaceText(scratch, hlsMasterFile(mediaDir), masterPlaylist(variants));
}

async function writeDashManifest(
  scratch: string,
  mediaDir: string,
  qualities: readonly FinishedQuality[],
): Promise<void> {
  const manifests = await Promise.all(
    qualities.map(async (quality) => ({
      name: qualityName(quality),
      representations: readManifest(await readFile(qualityEntryFile(mediaDir, quality), 'utf8')),
    })),
  );
  await replaceText(scratch, dashManifestFile(mediaDir), dashManifest(manifests));
}

/**
 * Returns the quality with the largest resolution. If several qualities have this resolution, prefers H.264
 * to H.265, because every player supports H.264. If several of these have the same codec, prefers HLS to
 * DASH.
 */
export function bestQuality<Q extends FinishedQuality>(finished: readonly Q[]): Q | undefined {
  const rank = ({ resolution, videoCodec, type }: FinishedQuality) =>
    QUALITY_NAMES.indexOf(resolution) * 4 + (videoCodec === 'h264' ? 2 : 0) + (type === 'hls' ? 1 : 0);
  return finished.toSorted((a, b) => rank(b) - rank(a))[0];
}
