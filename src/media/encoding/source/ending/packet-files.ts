import type { FileWindow } from './file-window.ts';

/** Maximum number of packets that are followed: those of some hours. */
const MAX_PACKETS = 2_000_000;

/** Maximum size of an Ogg page: a header, 255 sizes, and 255 segments of 255 bytes. */
const MAX_PAGE = 27 + 255 + 255 * 255;
const PAGE_HEADER = 27;

/** Returns the end of the last page of an Ogg file (RFC 3533 §6). */
export async function endOfOgg(file: FileWindow): Promise<number | null> {
  const from = Math.max(0, file.size - MAX_PAGE);
  const tail = await file.read(from, MAX_PAGE);
  for (let at = tail.lastIndexOf('OggS'); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf('OggS', at - 1)) {
    const count = tail[at + PAGE_HEADER - 1];
    // The version of every page is 0. The same letters can be part of a packet.
    if (count === undefined || tail[at + 4] !== 0) continue;
    const sizes = tail.subarray(at + PAGE_HEADER, at + PAGE_HEADER + count);
    return from + at + PAGE_HEADER + count + sizes.reduce((sum, size) => sum + size, 0);
  }
  return null;
}

const SYNC = 0x47;
/** Sizes of packets of transport streams, and where their first byte is: plain, of Blu-ray, and with error correction. */
const TRANSPORT = [
  { size: 188, sync: 0 },
  { size: 192, sync: 4 },
  { size: 204, sync: 0 },
] as const;

/** Returns the end of the last packet of a transport stream. */
export async function endOfTransportStream(file: FileWindow): Promise<number | null> {
  const head = Buffer.from(await file.read(0, 204 * 4));
  const packet = TRANSPORT.find(({ size, sync }) => [0, 1, 2].every((n) => head[sync + n * size] === SYNC));
  if (!packet) return null;
  const rest = file.size % packet.size;
  const last = await file.read(file.size - rest + packet.sync, 1);
  return rest > packet.sync && last[0] === SYNC ? file.size - rest + packet.size : null;
}

const FLV_TAG = 11;
const FLV_TAGS = [8, 9, 18];

/** Returns the end of the last tag of an FLV file. Four bytes with the size of the tag before follow each. */
export async function endOfFlv(file: FileWindow): Promise<number | null> {
  let position = (await file.read(5, 4)).readUInt32BE(0) + 4;
  for (let count = 0; count < MAX_PACKETS && position + FLV_TAG <= file.size; count += 1) {
    const tag = await file.read(position, FLV_TAG);
    if (!FLV_TAGS.includes((tag[0] ?? 0) & 0x1f)) return null;
    position += FLV_TAG + tag.readUIntBE(1, 3) + 4;
  }
  return position;
}

/** Returns the end of the last packet of an MPEG program stream (ISO/IEC 13818-1 §2.5). */
export async function endOfProgramStream(file: FileWindow): Promise<number | null> {
  let position = 0;
  for (let count = 0; count < MAX_PACKETS && position + 14 <= file.size; count += 1) {
    const header = await file.read(position, 14);
    if (header.readUIntBE(0, 3) !== 1) return null;
    const code = header[3] ?? 0;
    if (code < 0xba) return null;
    const isPack = code === 0xba;
    const isSecondVersion = ((header[4] ?? 0) & 0xc0) === 0x40;
    if (isPack) position += isSecondVersion ? 14 + ((header[13] ?? 0) & 7) : 12;
    else position += 6 + header.readUInt16BE(4);
  }
  return position;
}

/** Sizes in bytes of parts of a GIF file. */
const GIF_HEADER = 13;
const GIF_IMAGE = 10;

/** Returns the end of the last block of a GIF file. Its trailer ends the file, whatever follows. */
export async function endOfGif(file: FileWindow): Promise<number | null> {
  let position = GIF_HEADER + colourBytes((await file.read(10, 1))[0]);
  for (let count = 0; count < MAX_PACKETS && position < file.size; count += 1) {
    const block = await file.read(position, GIF_IMAGE);
    if (block[0] === 0x3b) return null;
    if (block[0] === 0x21) position += 2;
    else if (block[0] === 0x2c) position += GIF_IMAGE + colourBytes(block[9]) + 1;
    else return null;
    for (; position < file.size; count += 1) {
      const size = (await file.read(position, 1))[0] ?? 0;
      position += size + 1;
      if (size === 0) break;
    }
  }
  // Each block is complete only with the trailer that follows.
  return position + 256;
}

/** Returns the size of the table of colours that flags announce. */
function colourBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}
