import { open } from 'node:fs/promises';

/** Number of bytes at the beginning of a file by which its format is recognised. */
const HEAD_BYTES = 64;

/**
 * Beginnings of formats that contain sound only: MP3 with tags, FLAC, Core Audio, AU, AMR, Monkey's
 * Audio, WavPack, True Audio and AC-3.
 */
const SOUND_MAGIC = ['ID3', 'fLaC', 'caff', '.snd', '#!AMR', 'MAC ', 'wvpk', 'TTA1', '\x0bw'];
/** Brands of MP4 files that contain sound only. */
const SOUND_BRANDS = ['M4A ', 'M4B ', 'M4P '];
/** Beginnings of the first packet of an Ogg file that contains sound. */
const OGG_SOUND = ['\x01vorbis', 'OpusHead', '\x7fFLAC', 'Speex'];
/** Offset of the first packet of an Ogg file whose first page has one packet. */
const OGG_PACKET = 28;

/**
 * Returns whether a file is of a format that contains only sound, by its first bytes. Returns false for formats
 * that can contain both, such as MP4 and WebM, even if the file has no video.
 */
export async function isSoundFile(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return isSound(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** Returns whether a file that begins with `head` is of a format that contains only sound. */
export function isSound(head: Buffer): boolean {
  const text = head.toString('latin1');
  if (SOUND_MAGIC.some((magic) => text.startsWith(magic))) return true;
  if (text.startsWith('RIFF')) return text.startsWith('WAVE', 8);
  if (text.startsWith('FORM')) return text.startsWith('AIF', 8);
  if (text.startsWith('OggS')) return OGG_SOUND.some((magic) => text.startsWith(magic, OGG_PACKET));
  if (text.startsWith('ftyp', 4)) return SOUND_BRANDS.some((brand) => text.startsWith(brand, 8));
  return hasMpegAudioSync(head);
}

/** Returns whether `head` begins with the header of a frame of MPEG audio: of MP3, MP2 or AAC in ADTS. */
function hasMpegAudioSync(head: Buffer): boolean {
  const [first = 0, second = 0, third = 0] = head;
  const isSync = first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x18) !== 0x08;
  const isAdts = (second & 0xf6) === 0xf0;
  const hasBitrate = (third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c;
  const isLayer2Or3 = (second & 0x06) === 0x02 || (second & 0x06) === 0x04;
  return isSync && (isAdts || (isLayer2Or3 && hasBitrate));
}
