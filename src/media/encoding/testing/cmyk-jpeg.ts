/** Huffman tables: categories 0 to 11 with four bits each, and the end of a block with one. */
const DC = Buffer.from([0, 0, 0, 12, ...Array(12).fill(0), ...Array(12).keys()]);
const AC = Buffer.from([1, ...Array(15).fill(0), 0]);
const COMPONENTS = [1, 2, 3, 4];

/**
 * Returns a JPEG of 8×8 pixels of one colour in CMYK, which ffmpeg cannot write. Adobe's programs store the inks
 * inverted, so that 0 is full ink.
 */
export function cmykJpeg(inks: readonly [number, number, number, number]): Buffer {
  const bits = inks.map((ink) => codeOf(8 * (255 - ink - 128))).join('');
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  const bytes = (padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xee, Buffer.from('Adobe\0\x64\0\0\0\0\0', 'latin1')),
    segment(0xdb, Buffer.from([0, ...Array(64).fill(1)])),
    segment(0xc0, Buffer.from([8, 0, 8, 0, 8, 4, ...COMPONENTS.flatMap((id) => [id, 0x11, 0])])),
    segment(0xc4, Buffer.concat([Buffer.from([0]), DC])),
    segment(0xc4, Buffer.concat([Buffer.from([0x10]), AC])),
    segment(0xda, Buffer.from([4, ...COMPONENTS.flatMap((id) => [id, 0]), 0, 63, 0])),
    Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [byte, 0] : [byte]))),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Returns the bits of a block whose pixels are all the same, by its first coefficient. */
function codeOf(coefficient: number): string {
  const size = coefficient === 0 ? 0 : Math.abs(coefficient).toString(2).length;
  const value = coefficient > 0 ? coefficient : coefficient + 2 ** size - 1;
  const rest = size === 0 ? '' : value.toString(2).padStart(size, '0');
  return `${size.toString(2).padStart(4, '0')}${rest}0`;
}

function segment(marker: number, content: Buffer): Buffer {
  const header = Buffer.from([0xff, marker, 0, 0]);
  header.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([header, content]);
}
