import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';

/** Bytes of a transport stream's packet. */
const TS_PACKET = 188;

/**
 * Whether a file that ffmpeg wrote is all there. Its HLS, DASH and picture muxers ignore failing writes: on a full
 * disk ffmpeg 5.1 exits with 0 and says nothing, leaving files cut off or empty. A cut is seen by the form of the
 * file; of a transport stream, which has none, by its last packet (47 of 48 cuts at a disk's block).
 */
export async function isWholeFile(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size === 0) return false;
    return await hasWholeForm(file, size, extname(path));
  } finally {
    await file.close();
  }
}

function hasWholeForm(file: FileHandle, size: number, extension: string): Promise<boolean> | boolean {
  switch (extension) {
    case '.ts':
      return size % TS_PACKET === 0;
    case '.m4s':
    case '.mp4':
      return hasWholeBoxes(file, size);
    case '.jpg':
      return endsWith(file, size, Buffer.from([0xff, 0xd9]));
    case '.m3u8':
      return endsWith(file, size, Buffer.from('\n'));
    case '.mpd':
      return endsWith(file, size, Buffer.from('</MPD>\n'));
    default:
      return true;
  }
}

/** ISO/IEC 14496-12: boxes, each led by its size of 32 bits, or by 1 and a size of 64 bits after its type. */
async function hasWholeBoxes(file: FileHandle, size: number): Promise<boolean> {
  const header = Buffer.alloc(16);
  let position = 0;
  while (position < size) {
    const { bytesRead } = await file.read(header, 0, 16, position);
    if (bytesRead < 8) return false;
    const short = header.readUInt32BE(0);
    const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    if (length < 8) return false;
    position += length;
  }
  return position === size;
}

async function endsWith(file: FileHandle, size: number, end: Buffer): Promise<boolean> {
  if (size < end.length) return false;
  const { buffer } = await file.read(Buffer.alloc(end.length), 0, end.length, size - end.length);
  return buffer.equals(end);
}
