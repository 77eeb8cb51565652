import { BusiestRate } from './busiest-rate.ts';

/** When the packets of one stream are shown, in seconds on the timeline of the file. */
export interface PacketTimes {
  /** Number of packets that are shown. */
  readonly count: number;
  /** When the first picture is shown that can be decoded, or the first sound is heard. */
  readonly start: number;
  /** When the last picture or sound ends. */
  readonly end: number;
  /** Packets per second where they follow each other fastest. Left out: not measured. */
  readonly busiest?: number;
}

/** Times of a stream, with what is needed to find it. */
export interface FoundPackets extends PacketTimes {
  /**
   * Seconds from the first packet to `start`. More than 0 if a recording begins in the middle of a group of
   * pictures, because nothing can be decoded before the first key frame.
   */
  readonly undecodable: number;
  /** Number of key frames. All packets of a sound count as key frames. */
  readonly keyFrames: number;
  /**
   * When the intervals between packets begin to be clearly longer or shorter than the first ones, in seconds; `null`:
   * never. This shows that the sample rate of a sound changes, because each of its packets has as many samples.
   */
  readonly paceChangesAt: number | null;
  /**
   * Position in the file from which the stream can be decoded, in bytes; `null`: there is no key frame, or the
   * position is unknown.
   */
  readonly position: number | null;
  /** First gaps between packets that say how long they last. A gap is a pause, or the place of lost data. */
  readonly gaps: readonly Gap[];
}

/** Part of a file in which a stream has no packets, in seconds on the timeline of the file. */
export interface Gap {
  readonly start: number;
  readonly end: number;
}

/** Jump of the decoding times of a stream, back or far ahead. */
export interface TimeJump {
  readonly stream: number;
  /** Seconds on the timeline of the file, before and after the jump. */
  readonly from: number;
  readonly to: number;
  /** Whether the next packet is back in time, so that the time of one packet is wrong. Left out: it is not. */
  readonly isStray?: true;
}

/** Facts that the packets of a file show. */
export interface FilePackets {
  /** Times of each stream that has packets which are shown, by the index of the stream. */
  readonly times: ReadonlyMap<number, FoundPackets>;
  /** First jump of each stream whose times jump. */
  readonly jumps: readonly TimeJump[];
  /** Whether ffprobe complained about the container while it read the packets. */
  readonly isDamaged: boolean;
}

/** Value of ffprobe's option `-show_entries` with which ffprobe writes the lines that `PacketReader` reads. */
export const PACKET_ENTRIES = 'packet=stream_index,pts_time,dts_time,duration_time,pos,flags';

/**
 * Maximum number of packets of a file. A day of 60 pictures a second with eight sounds has fewer. A file of many
 * more is probably an attack that wastes processing time.
 */
const MAX_PACKETS = 50_000_000;
/** Maximum number of streams with packets. A transport stream could have 8192 of them. */
const MAX_PACKET_STREAMS = 256;

/**
 * Seconds by which the decoding times of a stream may go back or ahead without a jump. A shorter step ahead is a
 * pause, as when a recording was interrupted.
 */
const MAX_STEP_BACK = 0.1;
const MAX_STEP_AHEAD = 10;

/** Minimum number of seconds of a gap. Rounded times and varying rates of pictures make smaller ones. */
const MIN_GAP = 0.25;
/** Maximum number of gaps of a stream that are kept. */
const MAX_GAPS = 20;

/** Number of packets whose mean interval is compared, because containers round times. */
const PACE_PACKETS = 48;
/** Part by which the mean interval changes if the sample rate does, such as from 44.1 to 48 kHz. */
const PACE_CHANGE = 0.06;
/** Part by which two mean intervals of the same sample rate may differ. */
const PACE_TOLERANCE = 0.04;

/** Mean intervals between the packets of a stream. */
interface Pace {
  packets: number;
  /** Time of the first packet that is counted. */
  from: number;
  first: number | null;
  last: number | null;
}

interface Running {
  count: number;
  keyFrames: number;
  readonly pace: Pace;
  paceChangesAt: number | null;
  /** Time of the first packet. */
  begins: number;
  /** Decoding time at which a packet would follow the last one without a gap. */
  decodedNext: number | null;
  /** Time from which pictures can be decoded; `null`: no key frame has come. */
  key: number | null;
  position: number | null;
  /** Earliest and latest time of a packet since the first key frame, or of all packets before there is one. */
  first: number;
  last: number;
  end: number;
  readonly rate: BusiestRate;
  readonly gaps: Gap[];
  /** State before a packet that is far ahead; `null`: the last packet was not. */
  ahead: (Pick<Running, 'count' | 'last' | 'end'> & { readonly expected: number }) | null;
}

/**
 * Reads the lines of ffprobe about all packets of a file (`-of csv=p=0`). Headers can be wrong, or say
 * nothing; packets show what is there. What is kept does not grow with the number of packets.
 */
export class PacketReader {
  readonly #streams = new Map<number, Running>();
  readonly #jumps = new Map<number, TimeJump>();
  readonly #onExcess: (reason: string) => void;
  /** Streams with a key frame that is decoded but not shown, because the file was trimmed without an encoder. */
  readonly #hiddenKeys = new Set<number>();
  #packets = 0;
  /** Last position that was known. Packets that share a larger packet of the container have none. */
  #position: number | null = null;
  /** Latest decoding time of all streams. */
  #latest: number | null = null;

  /** @param onExcess called with the reason, a sentence, if the file has too many packets or streams */
  constructor(onExcess: (reason: string) => void = () => {}) {
    this.#onExcess = onExcess;
  }

  readonly onLine = (line: string): void => {
    this.#packets += 1;
    if (this.#packets > MAX_PACKETS) this.#onExcess(`the file has more than ${MAX_PACKETS} packets`);
    const [index = '', shown = '', decoded = '', duration = '', position = '', flags = ''] = line.split(',');
    const stream = Number(index);
    const time = secondsOf(shown) ?? secondsOf(decoded);
    if (index === '' || !Number.isInteger(stream) || time === null) return;
    // An edit list of the file says that a packet with the flag D is decoded, but not shown.
    if (flags.includes('D')) {
      if (flags.startsWith('K') && this.#streams.size < MAX_PACKET_STREAMS) this.#hiddenKeys.add(stream);
      return;
    }
    const running = this.#streamOf(stream, time);
    if (running === null) return;
    const seconds = secondsOf(duration) ?? 0;
    this.#follow(stream, running, { at: secondsOf(decoded) ?? time, seconds });
    this.#position = secondsOf(position) ?? this.#position;
    const isKey = flags.startsWith('K');
    const isDecodable = this.#hiddenKeys.has(stream);
    add(running, { time, end: time + seconds, isKey, isDecodable, position: this.#position });
  };

  packets(): Omit<FilePackets, 'isDamaged'> {
    const times = [...this.#streams].map(([stream, running]) => [stream, timesOf(running)] as const);
    return { times: new Map(times), jumps: [...this.#jumps.values()] };
  }

  #streamOf(stream: number, time: number): Running | null {
    const known = this.#streams.get(stream);
    if (known) return known;
    if (this.#streams.size === MAX_PACKET_STREAMS) {
      this.#onExcess(`the file has more than ${MAX_PACKET_STREAMS} streams`);
      return null;
    }
    const pace = { packets: 0, from: time, first: null, last: null };
    const none = {
      pace,
      paceChangesAt: null,
      count: 0,
      keyFrames: 0,
      key: null,
      position: null,
      decodedNext: null,
    };
    const rate = new BusiestRate();
    const running = {
      ...none,
      rate,
      gaps: [],
      ahead: null,
      begins: time,
      first: time,
      last: time,
      end: time,
    };
    this.#streams.set(stream, running);
    return running;
  }

  /** Compares the decoding time of a packet with the one that was expected. */
  #follow(stream: number, running: Running, { at, seconds }: { at: number; seconds: number }): void {
    const isFirst = running.decodedNext === null;
    const expected = running.decodedNext ?? this.#latest ?? at;
    const back = expected - at > (isFirst ? MAX_STEP_AHEAD : MAX_STEP_BACK);
    const isJump = back || at - expected > MAX_STEP_AHEAD;
    const stray = running.ahead;
    running.ahead = null;
    if (stray && Math.abs(at - stray.expected) < MAX_STEP_AHEAD) {
      // Only one packet was far ahead, so that its time is wrong and must not count.
      Object.assign(running, { count: stray.count, last: stray.last, end: stray.end });
      const jump = this.#jumps.get(stream);
      if (jump?.from === stray.expected) this.#jumps.set(stream, { ...jump, isStray: true });
    } else if (isJump) {
      if (!this.#jumps.has(stream)) this.#jumps.set(stream, { stream, from: expected, to: at });
      const { count, last, end } = running;
      if (!isFirst && at > expected) running.ahead = { count, last, end, expected };
    }
    // Without durations, all pictures are one interval apart, whatever was lost.
    const isGap = !isFirst && !isJump && seconds > 0 && at - expected > MIN_GAP;
    if (isGap && running.gaps.length < MAX_GAPS) running.gaps.push({ start: expected, end: at });
    running.decodedNext = at + seconds;
    this.#latest = at;
  }
}

function add(
  running: Running,
  packet: {
    time: number;
    end: number;
    isKey: boolean;
    /** Whether a key frame came before that is not shown. */
    isDecodable: boolean;
    position: number | null;
  },
): void {
  const { time, end, isKey, isDecodable, position } = packet;
  if (isKey) running.keyFrames += 1;
  followPace(running, time);
  if ((isKey || isDecodable) && running.key === null) {
    const key = isDecodable ? Number.NEGATIVE_INFINITY : time;
    // Pictures that are shown before the first key frame are not decoded.
    Object.assign(running, { count: 0, key, position, first: time, last: time, end });
  }
  if (running.key !== null && time < running.key) return;
  running.count += 1;
  running.rate.add(time);
  if (time < running.first) running.first = time;
  if (time > running.last) running.last = time;
  if (end > running.end) running.end = end;
}

/**
 * Compares the mean interval of each `PACE_PACKETS` packets with that of the first ones. A pause changes one of them; a
 * change of the sample rate changes all that follow.
 */
function followPace(running: Running, time: number): void {
  const { pace } = running;
  if (pace.packets < PACE_PACKETS) {
    pace.packets += 1;
    return;
  }
  const mean = (time - pace.from) / PACE_PACKETS;
  pace.first ??= mean;
  const isSteady = pace.last !== null && Math.abs(mean / pace.last - 1) < PACE_TOLERANCE;
  if (isSteady && Math.abs(mean / pace.first - 1) > PACE_CHANGE) running.paceChangesAt ??= time;
  Object.assign(pace, { packets: 1, from: time, last: mean });
}

function timesOf({
  count,
  keyFrames,
  paceChangesAt,
  key,
  position,
  begins,
  first,
  last,
  end,
  rate,
  gaps,
}: Running): FoundPackets {
  const busiest = rate.end();
  // The last packet lasts as long as the mean one if the file does not say how long it lasts.
  const interval = count > 1 ? (last - first) / (count - 1) : 0;
  return {
    count,
    start: first,
    end: end > last ? end : last + interval,
    ...(busiest > 0 ? { busiest } : {}),
    undecodable: key === null ? 0 : Math.max(0, first - begins),
    position,
    keyFrames,
    paceChangesAt,
    gaps,
  };
}

/** Returns `null` for `N/A`, which ffprobe writes for a number that is not known. */
function secondsOf(text: string): number | null {
  const seconds = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(seconds) ? seconds : null;
}
