import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlaylistSegment, SegmentPlaylist } from '../playlists/segment-playlist.ts';
import { spansOfSegment } from './fragments.ts';
import { type CodedTrack, tracksOfInit } from './init-segment.ts';
import { tracksOfTransportStream } from './transport-stream.ts';

/**
 * Returns the tracks of which the segments of a playlist hold something. The first segment has them all, unless
 * a track was declared and came to nothing; only then the others are read.
 * @param wanted number of tracks that were to be encoded
 */
export async function encodedTracks(
  directory: string,
  { init, segments }: SegmentPlaylist,
  wanted: number,
): Promise<CodedTrack[]> {
  const read = init === null ? transportStreamReader(directory) : await fragmentReader(directory, init);
  const found = new Map<CodedTrack['kind'], CodedTrack>();
  for (const segment of segments) {
    for (const track of await read(segment)) if (!found.has(track.kind)) found.set(track.kind, track);
    if (found.size >= wanted) break;
  }
  return [...found.values()].toSorted((a, b) => order(a) - order(b));
}

function order({ kind }: CodedTrack): number {
  return kind === 'video' ? 0 : 1;
}

type ReadTracks = (segment: PlaylistSegment) => Promise<CodedTrack[]>;

async function fragmentReader(directory: string, init: string): Promise<ReadTracks> {
  const declared = tracksOfInit(await readFile(join(directory, init)));
  return async ({ uri }) => {
    const spans = await spansOfSegment(join(directory, uri), declared);
    return declared.filter((track) => spans.has(track));
  };
}

/** Number of bytes of a segment that are read first. A second of most qualities has fewer. */
const FIRST_BYTES = 1_048_576;

function transportStreamReader(directory: string): ReadTracks {
  return async ({ uri }) => {
    const file = await open(join(directory, uri));
    try {
      const { size } = await file.stat();
      for (let length = FIRST_BYTES; ; length *= 4) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(length, size)), 0, undefined, 0);
        const { tracks, isWhole } = tracksOfTransportStream(buffer.subarray(0, bytesRead));
        if (isWhole || length >= size) return tracks;
      }
    } finally {
      await file.close();
    }
  };
}
