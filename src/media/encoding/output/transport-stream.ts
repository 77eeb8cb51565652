import { aacCodec, avcCodec } from './codec-strings.ts';
import type { CodedTrack } from './init-segment.ts';

/** Size in bytes of one packet of an MPEG transport stream (ISO/IEC 13818-1 §2.4.3). */
const PACKET = 188;
const SYNC = 0x47;
const NO_PROGRAM = -1;

/** Types of streams in a program map (ISO/IEC 13818-1 table 2-34). */
const H264 = 0x1b;
const AAC_ADTS = 0x0f;

/** Stream that the program map of a transport stream declares. */
interface DeclaredStream {
  readonly type: number;
  /** Beginning of the first access units; `null`: no packet of the stream has been read. */
  payload: Buffer | null;
}

/** Number of bytes of a stream in which its parameters are looked for. They come before the first picture. */
const PARAMETER_BYTES = 4096;

/**
 * Returns the tracks in the beginning of a segment in MPEG transport stream. A track that is declared, but of
 * which nothing is there, is left out, and so is one whose codec is not one of the service's. `isWhole`: nothing
 * that follows in the segment could add a track.
 */
export function tracksOfTransportStream(beginning: Buffer): { tracks: CodedTrack[]; isWhole: boolean } {
  const streams = declaredStreams(beginning);
  const tracks = [...streams].flatMap(([id, stream]) => trackOf(id, stream));
  return { tracks, isWhole: tracks.length > 0 && tracks.length === streams.size };
}

function trackOf(id: number, { type, payload }: DeclaredStream): CodedTrack[] {
  if (payload === null) return [];
  if (type === H264) {
    const profile = profileOfH264(payload);
    return profile === null ? [] : [{ id, kind: 'video', codec: avcCodec('avc1', profile) }];
  }
  if (type !== AAC_ADTS) return [];
  const objectType = objectTypeOfAdts(payload);
  return objectType === null ? [] : [{ id, kind: 'audio', codec: aacCodec(objectType) }];
}

/** Reads the packets of a segment, until the beginning of each declared stream is known. */
function declaredStreams(segment: Buffer): Map<number, DeclaredStream> {
  const streams = new Map<number, DeclaredStream>();
  let programMap = NO_PROGRAM;
  for (let position = 0; position + PACKET <= segment.length; position += PACKET) {
    const packet = segment.subarray(position, position + PACKET);
    if (packet.readUInt8(0) !== SYNC) break;
    const header = packet.readUInt16BE(1);
    const [pid, isStart] = [header & 0x1fff, (header & 0x4000) !== 0];
    const payload = payloadOf(packet);
    if (payload.length === 0) continue;
    if (pid === 0 && isStart) programMap = programMapIn(section(payload));
    else if (pid === programMap && isStart) addDeclared(streams, section(payload));
    else {
      const stream = streams.get(pid);
      if (stream) append(stream, isStart ? elementaryData(payload) : payload);
    }
    if (streams.size > 0 && [...streams.values()].every(isKnown)) break;
  }
  return streams;
}

function isKnown({ payload }: DeclaredStream): boolean {
  return payload !== null && payload.length >= PARAMETER_BYTES;
}

function append(stream: DeclaredStream, data: Buffer): void {
  if (isKnown(stream)) return;
  stream.payload = stream.payload === null ? Buffer.from(data) : Buffer.concat([stream.payload, data]);
}

/** Returns what follows the header and the adaptation field of a packet. */
function payloadOf(packet: Buffer): Buffer {
  const control = packet.readUInt8(3);
  if ((control & 0x10) === 0) return packet.subarray(PACKET);
  return packet.subarray(control & 0x20 ? 5 + packet.readUInt8(4) : 4);
}

/** Returns the section that begins in a payload, without its checksum. Its first byte says how far away it is. */
function section(payload: Buffer): Buffer {
  const start = 1 + payload.readUInt8(0);
  if (start + 3 > payload.length) return payload.subarray(payload.length);
  const length = payload.readUInt16BE(start + 1) & 0xfff;
  return payload.subarray(start, start + 3 + length - 4);
}

/** Returns the PID of the program map that a program association section names first. */
function programMapIn(association: Buffer): number {
  return association.length >= 12 ? association.readUInt16BE(10) & 0x1fff : NO_PROGRAM;
}

function addDeclared(streams: Map<number, DeclaredStream>, map: Buffer): void {
  if (map.length < 12) return;
  let position = 12 + (map.readUInt16BE(10) & 0xfff);
  while (position + 5 <= map.length) {
    const pid = map.readUInt16BE(position + 1) & 0x1fff;
    if (!streams.has(pid)) streams.set(pid, { type: map.readUInt8(position), payload: null });
    position += 5 + (map.readUInt16BE(position + 3) & 0xfff);
  }
}

/** Returns what follows the header of a PES packet. */
function elementaryData(pes: Buffer): Buffer {
  return pes.length >= 9 ? pes.subarray(9 + pes.readUInt8(8)) : pes.subarray(pes.length);
}

const SPS = 7;

/** Returns the three bytes of profile, constraints and level of the first SPS; `null`: there is no SPS. */
function profileOfH264(data: Buffer): Buffer | null {
  const startCode = Buffer.from([0, 0, 1]);
  for (let at = data.indexOf(startCode); at >= 0; at = data.indexOf(startCode, at + 3)) {
    const unit = at + 3;
    if (unit + 4 <= data.length && (data.readUInt8(unit) & 0x1f) === SPS) {
      return data.subarray(unit + 1, unit + 4);
    }
  }
  return null;
}

/** Returns the audio object type of an ADTS header (ISO/IEC 13818-7 §6.2.1); `null`: there is no such header. */
function objectTypeOfAdts(data: Buffer): number | null {
  if (data.length < 3 || (data.readUInt16BE(0) & 0xfff6) !== 0xfff0) return null;
  return (data.readUInt8(2) >> 6) + 1;
}
