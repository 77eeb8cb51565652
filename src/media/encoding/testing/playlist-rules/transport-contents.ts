import type { TrackContents } from './segment-contents.ts';

const PACKET = 188;
const CLOCK = 90_000;
const ADTS_SAMPLES = 1024;
const ADTS_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
];

/** Beginning of a segment in MPEG transport stream. */
export interface TransportContents {
  /** Whether the first packets are the program association and map (RFC 8216 §3.2). */
  readonly beginsWithTables: boolean;
  /** Kinds of the streams that the program map declares. */
  readonly declared: readonly ('video' | 'audio')[];
  readonly tracks: readonly TrackContents[];
}

interface Stream {
  readonly kind: 'video' | 'audio';
  readonly times: number[];
  readonly data: Buffer[];
  /** Whether the first packet says that decoding can begin there (ISO/IEC 13818-1 §2.4.3.5). */
  startsWithKey: boolean;
}

/** Reads a whole segment in MPEG transport stream (ISO/IEC 13818-1). */
export function transportContents(segment: Buffer): TransportContents {
  const streams = new Map<number, Stream>();
  const pids: number[] = [];
  let map = -1;
  for (let at = 0; at + PACKET <= segment.length; at += PACKET) {
    const packet = segment.subarray(at, at + PACKET);
    const header = packet.readUInt16BE(1);
    const [pid, isStart] = [header & 0x1fff, (header & 0x4000) !== 0];
    const control = packet.readUInt8(3);
    const hasField = (control & 0x20) !== 0;
    const payload =
      control & 0x10 ? packet.subarray(hasField ? 5 + packet.readUInt8(4) : 4) : Buffer.alloc(0);
    pids.push(pid);
    if (pid === 0 && isStart) map = payload.readUInt16BE(1 + payload.readUInt8(0) + 10) & 0x1fff;
    else if (pid === map && isStart) {
      for (const [id, kind] of declaredIn(payload))
        if (!streams.has(id)) streams.set(id, { kind, times: [], data: [], startsWithKey: false });
    }
    const stream = streams.get(pid);
    if (!stream || payload.length === 0) continue;
    if (!isStart) stream.data.push(payload);
    else {
      const isRandomAccess = hasField && packet.readUInt8(4) > 0 && (packet.readUInt8(5) & 0x40) !== 0;
      if (stream.times.length === 0) stream.startsWithKey = isRandomAccess || stream.kind === 'audio';
      stream.times.push(presentationTime(payload));
      stream.data.push(payload.subarray(9 + payload.readUInt8(8)));
    }
  }
  const all = [...streams.values()];
  return {
    beginsWithTables: pids.slice(0, 3).includes(0) && pids.slice(0, 3).includes(map),
    declared: all.map(({ kind }) => kind),
    tracks: all.filter(({ times }) => times.length > 0).map(contentsOf),
  };
}

function declaredIn(payload: Buffer): [pid: number, kind: Stream['kind']][] {
  const section = payload.subarray(1 + payload.readUInt8(0));
  const end = 3 + (section.readUInt16BE(1) & 0xfff) - 4;
  const found: [number, Stream['kind']][] = [];
  for (let at = 12 + (section.readUInt16BE(10) & 0xfff); at + 5 <= end; ) {
    const [type, pid] = [section.readUInt8(at), section.readUInt16BE(at + 1) & 0x1fff];
    if (type === 0x1b || type === 0x24) found.push([pid, 'video']);
    if (type === 0x0f) found.push([pid, 'audio']);
    at += 5 + (section.readUInt16BE(at + 3) & 0xfff);
  }
  return found;
}

/** Returns the presentation time in a PES header, in seconds. */
function presentationTime(pes: Buffer): number {
  const high = (pes.readUInt8(9) >> 1) & 7;
  return (high * 2 ** 30 + (pes.readUInt16BE(10) >> 1) * 2 ** 15 + (pes.readUInt16BE(12) >> 1)) / CLOCK;
}

function contentsOf({ kind, times, data, startsWithKey }: Stream): TrackContents {
  const sorted = times.toSorted((a, b) => a - b);
  const [start = 0, last = 0] = [sorted[0], sorted.at(-1)];
  if (kind === 'audio') {
    const { frames, frameSeconds } = adtsFrames(Buffer.concat(data));
    const end = start + frames * frameSeconds;
    return { kind, samples: frames, start, end, longestSample: frameSeconds, startsWithKey };
  }
  const steps = sorted.slice(1).map((time, index) => time - (sorted[index] ?? 0));
  // A picture in a transport stream has no duration of its own. It lasts as long as the one before it, and a
  // single picture may last any time.
  const [step = 0] = steps.slice(-1);
  const longestSample = steps.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...steps);
  return { kind, samples: times.length, start, end: last + step, longestSample, startsWithKey };
}

function adtsFrames(data: Buffer): { frames: number; frameSeconds: number } {
  let [frames, rate] = [0, 48_000];
  for (let at = 0; at + 7 <= data.length; ) {
    if ((data.readUInt16BE(at) & 0xfff0) !== 0xfff0) break;
    rate = ADTS_RATES[(data.readUInt8(at + 2) >> 2) & 15] ?? rate;
    at += ((data.readUInt8(at + 3) & 3) << 11) | (data.readUInt16BE(at + 4) >> 5);
    frames += 1;
  }
  return { frames, frameSeconds: ADTS_SAMPLES / rate };
}
