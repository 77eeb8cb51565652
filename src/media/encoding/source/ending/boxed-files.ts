import type { FileWindow } from './file-window.ts';
import { knownEnd } from './sized-files.ts';

/** Maximum number of boxes, chunks or elements that are followed: those of some hours of a live recording. */
const MAX_BOXES = 1_000_000;
const RIFF_HEADER = 8;

/** Returns the end of a WAV or AVI file. Large AVI files consist of several RIFF chunks. */
export async function endOfRiff(file: FileWindow): Promise<number | null> {
  if ((await file.read(8, 4)).toString('latin1') === 'WAVE') return endOfWave(file);
  let position = 0;
  for (let count = 0; count < MAX_BOXES && position + RIFF_HEADER <= file.size; count += 1) {
    const header = await file.read(position, RIFF_HEADER);
    if (header.toString('latin1', 0, 4) !== 'RIFF') return null;
    const end = knownEnd(position + RIFF_HEADER, header.readUInt32LE(4));
    if (end === null) return null;
    position = end;
  }
  return position;
}

/** Returns the end of the samples of a WAV file. The size of the whole is often wrong. */
async function endOfWave(file: FileWindow): Promise<number | null> {
  let position = 12;
  for (let count = 0; count < MAX_BOXES && position + RIFF_HEADER <= file.size; count += 1) {
    const header = await file.read(position, RIFF_HEADER);
    const size = header.readUInt32LE(4);
    if (header.toString('latin1', 0, 4) === 'data') return knownEnd(position + RIFF_HEADER, size);
    position += RIFF_HEADER + size + (size % 2);
  }
  return null;
}

/** Returns the end of the last box of an MP4 or MOV file (ISO/IEC 14496-12 §4.2). */
export async function endOfIsoFile(file: FileWindow): Promise<number | null> {
  let position = 0;
  for (let count = 0; count < MAX_BOXES && position < file.size; count += 1) {
    const header = await file.read(position, 16);
    // Anything else than a box is something that another program appended.
    if (header.length < 8 || !/^[ -~©]{4}$/.test(header.toString('latin1', 4, 8))) return null;
    const short = header.readUInt32BE(0);
    if (short === 1 && header.length < 16) return null;
    const size = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    // The size 0 stands for all that follows.
    if (size < 8 || !Number.isSafeInteger(size)) return null;
    position += size;
  }
  return position;
}

const SEGMENT = 0x18538067;
const CLUSTER = 0x1f43b675;

/**
 * Returns the end of the last element of a Matroska file (RFC 8794). Segments and clusters of live recordings have no
 * size, and their elements are followed instead.
 */
export async function endOfMatroska(file: FileWindow): Promise<number | null> {
  let position = 0;
  for (let count = 0; count < MAX_BOXES && position < file.size; count += 1) {
    const header = await file.read(position, 12);
    const id = numberIn(header, 0, 'with marker');
    const size = id && numberIn(header, id.length, 'without marker');
    if (!id || !size) return null;
    const content = position + id.length + size.length;
    if (size.value !== null) position = content + size.value;
    else if (id.value === SEGMENT || id.value === CLUSTER) position = content;
    else return null;
  }
  return position;
}

/** Reads a number whose first bits say how many bytes it has; the value `null` is that of "not known". */
function numberIn(
  header: Buffer,
  at: number,
  kind: 'with marker' | 'without marker',
): { readonly value: number | null; readonly length: number } | null {
  const first = header[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (first === 0 || at + length > header.length) return null;
  const rest = header.subarray(at + 1, at + length);
  const start = kind === 'with marker' ? first : first - 2 ** (8 - length);
  const value = rest.reduce((sum, byte) => sum * 256 + byte, start);
  if (kind === 'with marker') return { value, length };
  return { value: value === 2 ** (7 * length) - 1 ? null : value, length };
}
