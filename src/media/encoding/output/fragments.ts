import { type FileHandle, open } from 'node:fs/promises';
import { boxAt, boxesIn } from './boxes.ts';
import type { EncodedTrack } from './init-segment.ts';

/** Maximum size in bytes of a moof box. It holds a few bytes for each sample, and a segment lasts at most a minute. */
const MAX_MOOF = 16 * 1024 * 1024;
const HEADER = 8;

/** When the samples of a track are presented that one segment holds, in seconds. */
export interface SampleSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Returns when the samples are presented that a segment of fragmented MP4 holds, for each track of which it holds
 * any.
 */
export async function spansOfSegment(
  path: string,
  tracks: readonly EncodedTrack[],
): Promise<Map<EncodedTrack, SampleSpan>> {
  const spans = new Map<EncodedTrack, SampleSpan>();
  for (const moof of await readFragments(path)) {
    for (const { content } of boxesIn(moof).filter(({ type }) => type === 'traf')) {
      const header = boxAt(content, ['tfhd']);
      const track = tracks.find(({ id }) => id === header?.readUInt32BE(4));
      const span = header && track ? spanOfFragment(content, header, track) : null;
      if (!track || !span) continue;
      const { start, end } = spans.get(track) ?? span;
      spans.set(track, { start: Math.min(start, span.start), end: Math.max(end, span.end) });
    }
  }
  return spans;
}

/** Flags of a tfhd box (ISO/IEC 14496-12 §8.8.7) that precede the default duration, with the size of their field. */
const BASE_DATA_OFFSET = { flag: 1, bytes: 8 };
const DESCRIPTION_INDEX = { flag: 2, bytes: 4 };
const DEFAULT_DURATION = 8;

/** Returns when the samples of a track fragment are presented; `null`: it holds no sample. */
function spanOfFragment(traf: Buffer, header: Buffer, track: EncodedTrack): SampleSpan | null {
  const flags = header.readUInt32BE(0);
  const before = [BASE_DATA_OFFSET, DESCRIPTION_INDEX].filter(({ flag }) => flags & flag);
  const at = before.reduce((position, { bytes }) => position + bytes, 8);
  const duration = flags & DEFAULT_DURATION ? header.readUInt32BE(at) : track.defaultDuration;
  const decodeTime = boxAt(traf, ['tfdt']);
  let time =
    decodeTime?.readUInt8(0) === 1
      ? Number(decodeTime.readBigUInt64BE(4))
      : (decodeTime?.readUInt32BE(4) ?? 0);
  let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { content } of boxesIn(traf).filter(({ type }) => type === 'trun')) {
    for (const sample of samplesOf(content, duration)) {
      start = Math.min(start, time + sample.offset);
      end = Math.max(end, time + sample.offset + sample.duration);
      time += sample.duration;
    }
  }
  // Samples that an edit list leaves out are not presented, such as the first frame of an encoder of sound.
  const seconds = (ticks: number) => Math.max(0, ticks - track.mediaTime) / track.timescale;
  return end > start ? { start: seconds(start), end: seconds(end) } : null;
}

/** Fields of a trun box (ISO/IEC 14496-12 §8.8.8), each of 32 bits, by the flags that say whether they are there. */
const DATA_OFFSET = 1;
const FIRST_SAMPLE_FLAGS = 4;
const SAMPLE_DURATION = 0x100;
const SAMPLE_SIZE = 0x200;
const SAMPLE_FLAGS = 0x400;
const COMPOSITION_OFFSET = 0x800;

function* samplesOf(trun: Buffer, duration: number): Generator<{ duration: number; offset: number }> {
  const flags = trun.readUInt32BE(0);
  const sizeOf = (...fields: number[]) => 4 * fields.filter((field) => flags & field).length;
  const size = sizeOf(SAMPLE_DURATION, SAMPLE_SIZE, SAMPLE_FLAGS, COMPOSITION_OFFSET);
  const offsetAt = sizeOf(SAMPLE_DURATION, SAMPLE_SIZE, SAMPLE_FLAGS);
  let at = 8 + sizeOf(DATA_OFFSET, FIRST_SAMPLE_FLAGS);
  for (let left = trun.readUInt32BE(4); left > 0; left -= 1) {
    yield {
      duration: flags & SAMPLE_DURATION ? trun.readUInt32BE(at) : duration,
      // The offset is signed from version 1 on. No encoder of ours writes one that differs without the sign.
      offset: flags & COMPOSITION_OFFSET ? trun.readInt32BE(at + offsetAt) : 0,
    };
    at += size;
  }
}

/** Returns the content of each moof box of a file. The samples themselves are not read. */
async function readFragments(path: string): Promise<Buffer[]> {
  const file = await open(path);
  try {
    const fragments: Buffer[] = [];
    let position = 0;
    for (;;) {
      const header = await readAt(file, position, HEADER * 2);
      if (header.length < HEADER) return fragments;
      const short = header.readUInt32BE(0);
      const size =
        short === 1 && header.length === HEADER * 2 ? Number(header.readBigUInt64BE(HEADER)) : short;
      if (size < HEADER) return fragments;
      if (header.toString('latin1', 4, HEADER) === 'moof' && size <= MAX_MOOF)
        fragments.push((await readAt(file, position, size)).subarray(HEADER));
      position += size;
    }
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
