import { type FileHandle, open } from 'node:fs/promises';
import { boxAt, boxesIn } from './boxes.ts';

/** Maximum size in bytes of a moof box. It holds a few bytes for each sample, and a segment lasts at most a minute. */
const MAX_MOOF = 16 * 1024 * 1024;
const HEADER = 8;

/** Returns the ids of the tracks of which a segment of fragmented MP4 holds samples. */
export async function tracksWithSamples(path: string): Promise<Set<number>> {
  const found = new Set<number>();
  for (const moof of await readFragments(path)) {
    for (const { content } of boxesIn(moof).filter(({ type }) => type === 'traf')) {
      const id = boxAt(content, ['tfhd'])?.readUInt32BE(4);
      if (id !== undefined && boxesIn(content).some(hasSamples)) found.add(id);
    }
  }
  return found;
}

function hasSamples({ type, content }: { readonly type: string; readonly content: Buffer }): boolean {
  return type === 'trun' && content.length >= 8 && content.readUInt32BE(4) > 0;
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
