import { boxAt, boxesIn } from './boxes.ts';
import { aacCodec, avcCodec, hevcCodec } from './codec-strings.ts';

/** Track of encoded media, as its own headers describe it. */
export interface EncodedTrack extends CodedTrack {
  /** Units of all times in a second. */
  readonly timescale: number;
  /** Duration of samples of which a fragment does not say it. */
  readonly defaultDuration: number;
  /** Time of the first sample that is presented; more than 0 if an edit list leaves out what is before it. */
  readonly mediaTime: number;
}

/** Track with its codec. */
export interface CodedTrack {
  /** Number of the track in its container. */
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** Codec string (RFC 6381). */
  readonly codec: string;
}

/** Sizes in bytes of the fields before the boxes of a sample entry (ISO/IEC 14496-12 §12.1.3 and §12.2.3). */
const VISUAL_ENTRY = 78;
const AUDIO_ENTRY = 28;
/** Size in bytes of version, flags and number of entries, which precede the entries of a list. */
const HEADER = 8;

/**
 * Returns the tracks that an init segment of fragmented MP4 declares. A track whose codec is not one of the
 * service's is left out.
 */
export function tracksOfInit(init: Buffer): EncodedTrack[] {
  const moov = boxAt(init, ['moov']) ?? Buffer.alloc(0);
  const defaults = boxesIn(boxAt(moov, ['mvex']) ?? Buffer.alloc(0)).filter(({ type }) => type === 'trex');
  return boxesIn(moov)
    .filter(({ type }) => type === 'trak')
    .flatMap(({ content }) => {
      const descriptions = boxAt(content, ['mdia', 'minf', 'stbl', 'stsd']);
      const entry = descriptions === null ? undefined : boxesIn(descriptions.subarray(HEADER))[0];
      const coded = entry ? codecOf(entry.type, entry.content) : null;
      if (coded === null) return [];
      const id = trackId(content);
      const trex = defaults.find((box) => box.content.readUInt32BE(4) === id);
      const times = { timescale: timescaleOf(content), mediaTime: mediaTimeOf(content) };
      return [{ id, ...coded, ...times, defaultDuration: trex?.content.readUInt32BE(12) ?? 0 }];
    });
}

/** Returns the units of a track's times in a second. Version 1 of the header has times of 64 bits before them. */
function timescaleOf(trak: Buffer): number {
  const header = boxAt(trak, ['mdia', 'mdhd']);
  return header?.readUInt32BE(header.readUInt8(0) === 1 ? 20 : 12) || 1;
}

/** Returns the time at which the first part begins that an edit list presents (ISO/IEC 14496-12 §8.6.6). */
function mediaTimeOf(trak: Buffer): number {
  const list = boxAt(trak, ['edts', 'elst']);
  if (list === null) return 0;
  const isLong = list.readUInt8(0) === 1;
  const size = isLong ? 20 : 12;
  for (let at = HEADER; at + size <= list.length; at += size) {
    const time = isLong ? Number(list.readBigInt64BE(at + 8)) : list.readInt32BE(at + 4);
    // An empty part has the time -1.
    if (time >= 0) return time;
  }
  return 0;
}

/** Returns the id in the header of a track. Version 1 of the header has times of 64 bits before it. */
function trackId(trak: Buffer): number {
  const header = boxAt(trak, ['tkhd']);
  return header?.readUInt32BE(header.readUInt8(0) === 1 ? 20 : 12) ?? 0;
}

function codecOf(name: string, entry: Buffer): Omit<CodedTrack, 'id'> | null {
  const boxes = (size: number, type: string) => boxAt(entry.subarray(size), [type]);
  const avcC = name.startsWith('avc') ? boxes(VISUAL_ENTRY, 'avcC') : null;
  if (avcC && avcC.length >= 4) return { kind: 'video', codec: avcCodec(name, avcC.subarray(1, 4)) };
  const hvcC = name === 'hvc1' || name === 'hev1' ? boxes(VISUAL_ENTRY, 'hvcC') : null;
  if (hvcC && hvcC.length >= 13) return { kind: 'video', codec: hevcCodec(name, hvcC) };
  const esds = name === 'mp4a' ? boxes(AUDIO_ENTRY, 'esds') : null;
  const objectType = esds === null ? null : objectTypeIn(esds);
  return objectType === null ? null : { kind: 'audio', codec: aacCodec(objectType) };
}

/** Tags of descriptors in an esds box (ISO/IEC 14496-1 §7.2.2.1). */
const ES_DESCRIPTOR = 3;
const DECODER_CONFIG = 4;
const DECODER_SPECIFIC_INFO = 5;

/** Returns the audio object type that an esds box declares; `null`: it declares none. */
function objectTypeIn(esds: Buffer): number | null {
  // Four bytes of version and flags precede the descriptors. Fields of fixed size precede the inner ones.
  const es = descriptorIn(esds.subarray(4), ES_DESCRIPTOR);
  const config = es && descriptorIn(es.subarray(3), DECODER_CONFIG);
  const info = config && descriptorIn(config.subarray(13), DECODER_SPECIFIC_INFO);
  if (!info || info.length < 2) return null;
  const type = info.readUInt8(0) >> 3;
  // The value 31 says that six more bits follow (ISO/IEC 14496-3 §1.6.2.1).
  return type === 31 ? 32 + ((info.readUInt16BE(0) >> 5) & 0x3f) : type;
}

function descriptorIn(buffer: Buffer, wanted: number): Buffer | null {
  let position = 0;
  while (position + 2 <= buffer.length) {
    const tag = buffer.readUInt8(position);
    let size = 0;
    // Each byte of the size holds seven bits, and says by its first bit whether another byte follows.
    for (let more = true; more && position + 1 < buffer.length; ) {
      position += 1;
      const byte = buffer.readUInt8(position);
      size = (size << 7) | (byte & 0x7f);
      more = byte >= 0x80;
    }
    position += 1;
    if (tag === wanted) return buffer.subarray(position, position + size);
    position += size;
  }
  return null;
}
