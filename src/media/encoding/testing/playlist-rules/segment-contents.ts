import { boxAt, boxesIn } from '../../output/boxes.ts';

/** One track in one segment. Times are in seconds. */
export interface TrackContents {
  readonly kind: 'video' | 'audio';
  /** Number of samples; in a transport stream, of PES packets. */
  readonly samples: number;
  /** When the first sample is presented, and when the last one ends. */
  readonly start: number;
  readonly end: number;
  /** Duration of the longest sample. */
  readonly longestSample: number;
  /** Whether decoding can begin at the first sample. */
  readonly startsWithKey: boolean;
}

/** One track of an init segment. */
export interface InitTrack {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  readonly timescale: number;
  /** Name of the sample entry, such as `avc1`. */
  readonly entry: string;
  /** Presentation time, in units of the timescale, at which the edit list begins; 0 without one. */
  readonly mediaTime: number;
  readonly defaults: { readonly duration: number; readonly flags: number };
}

/** Reads the tracks of an init segment (ISO/IEC 14496-12 §8). */
export function initTracks(init: Buffer): InitTrack[] {
  const moov = boxAt(init, ['moov']) ?? Buffer.alloc(0);
  const mvex = boxAt(moov, ['mvex']) ?? Buffer.alloc(0);
  const extends_ = boxesIn(mvex).filter(({ type }) => type === 'trex');
  return boxesIn(moov)
    .filter(({ type }) => type === 'trak')
    .map(({ content }) => {
      const tkhd = boxAt(content, ['tkhd']) ?? Buffer.alloc(24);
      const mdhd = boxAt(content, ['mdia', 'mdhd']) ?? Buffer.alloc(24);
      const stsd = boxAt(content, ['mdia', 'minf', 'stbl', 'stsd']) ?? Buffer.alloc(8);
      const id = tkhd.readUInt32BE(tkhd[0] === 1 ? 20 : 12);
      const trex = extends_.find((box) => box.content.readUInt32BE(4) === id)?.content;
      const handler = boxAt(content, ['mdia', 'hdlr'])?.toString('latin1', 8, 12);
      return {
        id,
        kind: handler === 'vide' ? 'video' : 'audio',
        timescale: mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12),
        entry: boxesIn(stsd.subarray(8))[0]?.type ?? '',
        mediaTime: mediaTimeIn(boxAt(content, ['edts', 'elst'])),
        defaults: { duration: trex?.readUInt32BE(12) ?? 0, flags: trex?.readUInt32BE(20) ?? 0 },
      };
    });
}

/** Returns the media time of the first entry of an edit list that is not empty (ISO/IEC 14496-12 §8.6.6). */
function mediaTimeIn(elst: Buffer | null): number {
  if (elst === null) return 0;
  const isLong = elst[0] === 1;
  for (let entry = 0; entry < elst.readUInt32BE(4); entry += 1) {
    const at = 8 + entry * (isLong ? 20 : 12);
    const time = isLong ? Number(elst.readBigInt64BE(at + 8)) : elst.readInt32BE(at + 4);
    if (time >= 0) return time;
  }
  return 0;
}

/** Reads the contents of a segment of fragmented MP4 by track (ISO/IEC 14496-12 §8.8). */
export function fragmentContents(segment: Buffer, tracks: readonly InitTrack[]): TrackContents[] {
  const found = new Map<InitTrack, TrackContents>();
  for (const moof of boxesIn(segment).filter(({ type }) => type === 'moof')) {
    for (const { content } of boxesIn(moof.content).filter(({ type }) => type === 'traf')) {
      const header = boxAt(content, ['tfhd']);
      const track = tracks.find(({ id }) => id === header?.readUInt32BE(4));
      const contents = header && track ? trackFragment(content, header, track) : null;
      if (track && contents) found.set(track, joined(found.get(track), contents));
    }
  }
  return [...found.values()];
}

function joined(before: TrackContents | undefined, next: TrackContents): TrackContents {
  if (before === undefined) return next;
  return {
    ...before,
    samples: before.samples + next.samples,
    start: Math.min(before.start, next.start),
    end: Math.max(before.end, next.end),
    longestSample: Math.max(before.longestSample, next.longestSample),
  };
}

/** Flag of a sample that is no sync sample. */
const NON_SYNC = 0x10000;

function trackFragment(traf: Buffer, header: Buffer, track: InitTrack): TrackContents | null {
  const flags = header.readUInt32BE(0);
  let at = 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0);
  const next = (present: number, otherwise: number) => {
    if (!(flags & present)) return otherwise;
    at += 4;
    return header.readUInt32BE(at - 4);
  };
  const duration = next(8, track.defaults.duration);
  next(0x10, 0);
  const sampleFlags = next(0x20, track.defaults.flags);
  const decodeTime = boxAt(traf, ['tfdt']);
  if (decodeTime === null) return null;
  let time = decodeTime[0] === 1 ? Number(decodeTime.readBigUInt64BE(4)) : decodeTime.readUInt32BE(4);
  const samples: { time: number; duration: number; flags: number }[] = [];
  for (const { content } of boxesIn(traf).filter(({ type }) => type === 'trun')) {
    for (const sample of runSamples(content, { duration, flags: sampleFlags })) {
      samples.push({ ...sample, time: time + sample.offset });
      time += sample.duration;
    }
  }
  if (samples.length === 0) return null;
  const seconds = (ticks: number) => ticks / track.timescale;
  return {
    kind: track.kind,
    samples: samples.length,
    start: seconds(Math.min(...samples.map((sample) => sample.time)) - track.mediaTime),
    end: seconds(Math.max(...samples.map((sample) => sample.time + sample.duration)) - track.mediaTime),
    longestSample: seconds(Math.max(...samples.map((sample) => sample.duration))),
    startsWithKey: ((samples[0]?.flags ?? 0) & NON_SYNC) === 0,
  };
}

/** Reads the samples of a trun box (ISO/IEC 14496-12 §8.8.8). */
function runSamples(trun: Buffer, defaults: { duration: number; flags: number }) {
  const flags = trun.readUInt32BE(0);
  let at = 8 + (flags & 1 ? 4 : 0);
  const firstFlags = flags & 4 ? trun.readUInt32BE(at) : null;
  if (firstFlags !== null) at += 4;
  const isSigned = (trun[0] ?? 0) > 0;
  return Array.from({ length: trun.readUInt32BE(4) }, (_, index) => {
    const next = (present: number, otherwise: number) => {
      if (!(flags & present)) return otherwise;
      at += 4;
      return present === 0x800 && isSigned ? trun.readInt32BE(at - 4) : trun.readUInt32BE(at - 4);
    };
    const duration = next(0x100, defaults.duration);
    next(0x200, 0);
    const own = next(0x400, defaults.flags);
    const offset = next(0x800, 0);
    return { duration, offset, flags: index === 0 && firstFlags !== null ? firstFlags : own };
  });
}
