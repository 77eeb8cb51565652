import { open } from 'node:fs/promises';

/** Bytes at the beginning of a movie that hold its header (mvhd), which is the first box of its index. */
const BEGINNING = 1_024;
/** Size in bytes of the fields of the header up to the duration, with times of 64 bits. */
const FIELDS = 36;

/** Returns the duration that an MP4 states whose index comes first; `null`: it states none. */
export async function movieSeconds(path: string): Promise<number | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    const at = buffer.indexOf('mvhd') + 4;
    if (at < 4 || at + FIELDS > bytesRead) return null;
    // Version 1 has times of 64 bits (ISO/IEC 14496-12 §8.2.2).
    const isLong = buffer.readUInt8(at) === 1;
    const units = isLong ? Number(buffer.readBigUInt64BE(at + 24)) : buffer.readUInt32BE(at + 16);
    return units / (buffer.readUInt32BE(at + (isLong ? 20 : 12)) || 1);
  } finally {
    await file.close();
  }
}
