/** Box of an MP4 file (ISO/IEC 14496-12 §4.2), without its header. */
export interface Box {
  readonly type: string;
  readonly content: Buffer;
}

/** Returns the boxes that follow each other in `buffer`. A box that the buffer does not hold whole ends the list. */
export function boxesIn(buffer: Buffer): Box[] {
  const boxes: Box[] = [];
  let position = 0;
  while (position + 8 <= buffer.length) {
    const short = buffer.readUInt32BE(position);
    const isLong = short === 1 && position + 16 <= buffer.length;
    const header = isLong ? 16 : 8;
    const size = isLong ? Number(buffer.readBigUInt64BE(position + 8)) : short;
    if (size < header || position + size > buffer.length) break;
    const type = buffer.toString('latin1', position + 4, position + 8);
    boxes.push({ type, content: buffer.subarray(position + header, position + size) });
    position += size;
  }
  return boxes;
}

/** Returns the content of the first box at a path such as `['moov', 'trak']`; `null`: there is no such box. */
export function boxAt(buffer: Buffer, path: readonly string[]): Buffer | null {
  let content: Buffer | null = buffer;
  for (const type of path) {
    if (content === null) return null;
    content = boxesIn(content).find((box) => box.type === type)?.content ?? null;
  }
  return content;
}
