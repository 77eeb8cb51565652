import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Quality, SHORT_SIDE } from '../../domain/media.ts';
import {
  dashManifestFile,
  hlsMasterFile,
  qualityDir,
  qualityEntryFile,
  qualityName,
  workDir,
} from '../files/media-files.ts';
import { inScratchDirectory, publishText } from '../files/scratch-directory.ts';
import { HLS_PLAYLIST, HLS_STREAM_INFO } from './ffmpeg/args.ts';
import type { Outcome } from './ffmpeg/failures.ts';
import { dashManifest } from './playlists/dash-manifest.ts';
import { masterPlaylist, streamInfIn, type Variant } from './playlists/master-playlist.ts';

/** What names a finished quality and says how it was made. */
export type FinishedQuality = Pick<Quality, 'position' | 'resolution' | 'type' | 'videoCodec'>;

/**
 * Puts the finished qualities into the playlists that players open, HLS and DASH as far as there are any of each.
 * Called after each quality, playback begins with the first. Durable and atomic; not to be called twice at once
 * for the same media, as the last call wins.
 */
export async function publishPlaylists(
  mediaDir: string,
  finished: readonly FinishedQuality[],
): Promise<Outcome> {
  const hls = finished.filter(({ type }) => type === 'hls');
  const dash = finished.filter(({ type }) => type === 'dash');
  return inScratchDirectory(workDir(mediaDir), async (place) => {
    if (hls.length > 0) await publishHls(place, mediaDir, hls);
    if (dash.length > 0) await publishDash(place, mediaDir, dash);
    return { ok: true };
  });
}

async function publishHls(
  place: string,
  mediaDir: string,
  qualities: readonly FinishedQuality[],
): Promise<void> {
  const variants = await Promise.all(
    qualities.map(async (quality): Promise<Variant> => {
      const streamInfo = await readFile(join(qualityDir(mediaDir, quality), HLS_STREAM_INFO), 'utf8');
      return {
        uri: `${qualityName(quality)}/${HLS_PLAYLIST}`,
        streamInf: streamInfIn(streamInfo) ?? '',
      };
    }),
  );
  await publishText(place, hlsMasterFile(mediaDir), masterPlaylist(variants));
}

async function publishDash(
  place: string,
  mediaDir: string,
  qualities: readonly FinishedQuality[],
): Promise<void> {
  const manifests = await Promise.all(
    qualities.map(async (quality) => ({
      name: qualityName(quality),
      manifest: await readFile(qualityEntryFile(mediaDir, quality), 'utf8'),
    })),
  );
  await publishText(place, dashManifestFile(mediaDir), dashManifest(manifests));
}

/** The largest picture; among equals H.264, which plays everywhere, then HLS. */
export function bestQuality<Q extends FinishedQuality>(finished: readonly Q[]): Q | undefined {
  const rank = ({ resolution, videoCodec, type }: FinishedQuality) =>
    SHORT_SIDE[resolution] * 4 + (videoCodec === 'h264' ? 2 : 0) + (type === 'hls' ? 1 : 0);
  return finished.toSorted((a, b) => rank(b) - rank(a))[0];
}
