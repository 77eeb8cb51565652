import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HLS_PLAYLIST, HLS_STREAM_INFO } from '../command/encode-args.ts';
import type { Rendition } from '../plan/rendition.ts';
import { measureBandwidths } from '../playlists/bandwidth.ts';
import { masterPlaylist, streamInfOf } from '../playlists/master-playlist.ts';
import { readSegmentPlaylist, segmentPlaylist, targetDurationOf } from '../playlists/segment-playlist.ts';
import { encodedTracks } from './encoded-tracks.ts';
import { type Finding, missingOf } from './finding.ts';

/**
 * Writes the playlist of a quality, and the master playlist of that quality alone. The playlist that ffmpeg wrote
 * is read for the names and durations of the segments, and nothing else of it is kept.
 */
export async function finishHls(scratch: string, rendition: Rendition): Promise<Finding> {
  const written = readSegmentPlaylist(await readFile(join(scratch, HLS_PLAYLIST), 'utf8'));
  if (written === null) return { kind: 'unfinished' };
  const tracks = await encodedTracks(scratch, written, rendition.video && rendition.audio ? 2 : 1);
  const missing = missingOf(
    rendition,
    tracks.map(({ kind }) => kind),
  );
  if (missing.length > 0) return { kind: 'empty', missing };

  const targetDuration = targetDurationOf(written.segments);
  const sized = [];
  for (const { duration, uri } of written.segments) {
    sized.push({ duration, bytes: (await stat(join(scratch, uri))).size });
  }
  const { peak, average } = measureBandwidths(sized, { targetDuration, minBufferTime: targetDuration });
  const codecs = tracks.map(({ codec }) => codec);
  const streamInf = streamInfOf({ peak, average, codecs, picture: rendition.video });
  await writeFile(join(scratch, HLS_PLAYLIST), segmentPlaylist(written));
  await writeFile(join(scratch, HLS_STREAM_INFO), masterPlaylist([{ uri: HLS_PLAYLIST, streamInf }]));
  return { kind: 'complete' };
}
