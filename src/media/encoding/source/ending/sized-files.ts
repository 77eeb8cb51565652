import type { FileWindow } from './file-window.ts';

/** Smallest size that stands for "not known": programs that write to a pipe state sizes from here to 2³² − 1. */
export const UNKNOWN_SIZE = 0x7ff0_0000;
/** Maximum number of chunks that are followed. */
const MAX_CHUNKS = 1_000;
const CAF_HEADER = 8;
const CAF_CHUNK_HEADER = 12;
const ASF_HEADER = 24;
/** First bytes of the object of an ASF file that holds the packets. */
const ASF_DATA = '3626b275';

/** Returns the end of an AIFF file by the size of its form. */
export async function endOfAiff(file: FileWindow): Promise<number | null> {
  return knownEnd(8, (await file.read(4, 4)).readUInt32BE(0));
}

/** Returns the end of a Wave64 file by the size of all of it. */
export async function endOfWave64(file: FileWindow): Promise<number | null> {
  const size = Number((await file.read(16, 8)).readBigUInt64LE(0));
  // A pipe gets the size −1 or 0.
  return size > 24 && size < Number.MAX_SAFE_INTEGER ? size : null;
}

/** Returns the end of a Core Audio file, by its chunks. The size −1 stands for all that follows. */
export async function endOfCaf(file: FileWindow): Promise<number | null> {
  let position = CAF_HEADER;
  for (let count = 0; count < MAX_CHUNKS && position + CAF_CHUNK_HEADER <= file.size; count += 1) {
    const size = Number((await file.read(position, CAF_CHUNK_HEADER)).readBigInt64BE(4));
    if (size < 0 || !Number.isSafeInteger(size)) return null;
    position += CAF_CHUNK_HEADER + size;
  }
  return position;
}

/** Returns the end of the packets of an ASF file. A live stream states 0. */
export async function endOfAsf(file: FileWindow): Promise<number | null> {
  const header = Number((await file.read(16, 8)).readBigUInt64LE(0));
  const data = Buffer.from(await file.read(header, ASF_HEADER));
  if (data.length < ASF_HEADER || data.toString('hex', 0, 4) !== ASF_DATA) return null;
  const size = Number(data.readBigUInt64LE(16));
  return size > ASF_HEADER && Number.isSafeInteger(size) ? header + size : null;
}

/** Returns where `size` bytes from `position` on end; `null`: the size stands for "not known". */
export function knownEnd(position: number, size: number): number | null {
  return size === 0 || size >= UNKNOWN_SIZE ? null : position + size;
}
