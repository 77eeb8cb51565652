import { readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Quality } from '../../../domain/media.ts';
import { qualityDir, workDir } from '../../files/media-files.ts';
import { replaceDirectory } from '../../files/replace-files.ts';
import { inScratchDirectory } from '../../files/scratch-directory.ts';
import { DASH_MANIFEST, HLS_AUDIO_PLAYLIST, HLS_PLAYLIST, HLS_STREAM_INFO } from '../command/encode-args.ts';
import { type Outcome, outcomeOfError } from '../ffmpeg/failures.ts';
import { type Bandwidths, measureBandwidths } from '../playlists/bandwidth.ts';
import { masterPlaylist, SOUND_GROUP, streamInfOf } from '../playlists/master-playlist.ts';
import { readManifest } from '../playlists/read-manifest.ts';
import { initFile, type Representation, segmentFile } from '../playlists/representation.ts';
import { type SegmentPlaylist, segmentPlaylist, targetDurationOf } from '../playlists/segment-playlist.ts';
import { trueSegments } from './finish-hls.ts';

type PlacedQuality = Pick<Quality, 'position' | 'resolution' | 'type'>;

interface SharedDirectories {
  /** Directory of a complete DASH quality. */
  readonly dash: string;
  /** Directory below which the playlists will be, from which their relative URIs lead to `dash`. */
  readonly hls: string;
  /** Directory into which the playlists are written. */
  readonly scratch: string;
}

/**
 * Makes an HLS quality of a complete DASH quality that was encoded alike: playlists that list the segments of DASH. The
 * files survive a loss of power once the promise resolves.
 */
export async function shareQuality(
  dir: string,
  { dash, hls }: { readonly dash: PlacedQuality; readonly hls: PlacedQuality },
): Promise<Outcome> {
  return inScratchDirectory(workDir(dir), async (scratch): Promise<Outcome> => {
    const target = qualityDir(dir, hls);
    await shareSegments({ dash: qualityDir(dir, dash), hls: target, scratch });
    await replaceDirectory(scratch, target);
    return { ok: true };
  }).catch(outcomeOfError);
}

/**
 * Writes the HLS playlists of a quality that is complete in DASH: one for each track, which list the segments of DASH,
 * and the master playlist of the quality alone.
 */
async function shareSegments({ dash, hls, scratch }: SharedDirectories): Promise<void> {
  const all = readManifest(await readFile(join(dash, DASH_MANIFEST), 'utf8'));
  const video = all.find(({ contentType }) => contentType === 'video');
  const audio = all.find(({ contentType }) => contentType === 'audio');
  const tracks = [video, audio].filter((track) => track !== undefined);
  const playlists: SegmentPlaylist[] = [];
  for (const track of tracks) playlists.push(await playlistOf(track, dash));
  const targetDuration = targetDurationOf(playlists.flatMap(({ segments }) => segments));

  const measured: Bandwidths[] = [];
  for (const [index, playlist] of playlists.entries()) {
    measured.push(await bandwidthsOf(playlist, dash, targetDuration));
    const moved = inDirectory(playlist, relative(hls, dash));
    const name = index === 0 ? HLS_PLAYLIST : HLS_AUDIO_PLAYLIST;
    await writeFile(join(scratch, name), segmentPlaylist({ ...moved, targetDuration }));
  }
  const hasSoundBeside = tracks.length > 1;
  const streamInf = streamInfOf({
    peak: measured.reduce((sum, { peak }) => sum + peak, 0),
    average: measured.reduce((sum, { average }) => sum + average, 0),
    codecs: tracks.map(({ codecs }) => codecs),
    picture: video?.picture ? { ...video.picture, frameRate: rateOf(video.picture.frameRate) } : null,
    ...(hasSoundBeside ? { soundGroup: SOUND_GROUP } : {}),
  });
  const sound = hasSoundBeside ? { group: SOUND_GROUP, uri: HLS_AUDIO_PLAYLIST } : null;
  await writeFile(join(scratch, HLS_STREAM_INFO), masterPlaylist([{ uri: HLS_PLAYLIST, streamInf, sound }]));
}

/** Returns the playlist of a track, with the durations that its samples have. URIs are relative to `directory`. */
async function playlistOf(track: Representation, directory: string): Promise<SegmentPlaylist> {
  const { timescale, times } = track.template;
  const init = initFile(track);
  const segments = times.map(({ duration }, index) => ({
    duration: duration / timescale,
    uri: segmentFile(track, index),
  }));
  return { init, segments: await trueSegments(directory, { init, segments }) };
}

async function bandwidthsOf(
  { segments }: SegmentPlaylist,
  directory: string,
  targetDuration: number,
): Promise<Bandwidths> {
  const sized = [];
  for (const { duration, uri } of segments) {
    sized.push({ duration, bytes: (await stat(join(directory, uri))).size });
  }
  return measureBandwidths(sized, { targetDuration, minBufferTime: targetDuration });
}

function inDirectory({ init, segments }: SegmentPlaylist, directory: string): SegmentPlaylist {
  return {
    init: init === null ? null : `${directory}/${init}`,
    segments: segments.map(({ duration, uri }) => ({ duration, uri: `${directory}/${uri}` })),
  };
}

/** Reads a frame rate as DASH writes it: `25`, or `30000/1001`. */
function rateOf(fraction: string | null): number {
  const [numerator = 0, denominator = 1] = (fraction ?? '0').split('/').map(Number);
  return numerator / denominator;
}
