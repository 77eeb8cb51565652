import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HLS_PLAYLIST, HLS_STREAM_INFO } from '../command/encode-args.ts';
import type { Rendition } from '../plan/rendition.ts';
import { measureBandwidths } from '../playlists/bandwidth.ts';
import { masterPlaylist, streamInfOf } from '../playlists/master-playlist.ts';
import {
  type PlaylistSegment,
  readSegmentPlaylist,
  type SegmentPlaylist,
  segmentPlaylist,
  targetDurationOf,
} from '../playlists/segment-playlist.ts';
import { encodedTracks } from './encoded-tracks.ts';
import { type Finding, missingOf } from './finding.ts';
import { type SampleSpan, spansOfSegment } from './fragments.ts';
import { tracksOfInit } from './init-segment.ts';

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

  const segments = await trueSegments(scratch, written);
  const targetDuration = targetDurationOf(segments);
  const sized = [];
  for (const { duration, uri } of segments) {
    sized.push({ duration, bytes: (await stat(join(scratch, uri))).size });
  }
  const { peak, average } = measureBandwidths(sized, { targetDuration, minBufferTime: targetDuration });
  const codecs = tracks.map(({ codec }) => codec);
  const streamInf = streamInfOf({ peak, average, codecs, picture: rendition.video });
  await writeFile(join(scratch, HLS_PLAYLIST), segmentPlaylist({ ...written, segments }));
  await writeFile(join(scratch, HLS_STREAM_INFO), masterPlaylist([{ uri: HLS_PLAYLIST, streamInf }]));
  return { kind: 'complete' };
}

/**
 * Returns the segments with the durations that their samples have. ffmpeg's durations of fragmented MP4 count what
 * its edit list leaves out. A picture in a transport stream has no duration, so that ffmpeg's are kept for these.
 */
export async function trueSegments(
  scratch: string,
  { init, segments }: SegmentPlaylist,
): Promise<readonly PlaylistSegment[]> {
  if (init === null) return segments;
  const tracks = tracksOfInit(await readFile(join(scratch, init)));
  const main = tracks.find(({ kind }) => kind === 'video') ?? tracks[0];
  const spans: (SampleSpan | undefined)[] = [];
  for (const { uri } of segments) {
    const found = await spansOfSegment(join(scratch, uri), tracks);
    spans.push(main && found.get(main));
  }
  return segments.map(({ uri, duration }, index) => {
    const [own, next] = [spans[index], spans[index + 1]];
    if (!own) return { uri, duration };
    return { uri, duration: toMicroseconds((next?.start ?? own.end) - own.start) };
  });
}

/** Rounds seconds as the playlist states them, so that bandwidths are those of the stated durations. */
function toMicroseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
