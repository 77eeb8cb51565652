import { joinedParts, type Part } from '../wording/parts-text.ts';

/**
 * Entries of ffprobe, in the order of the file: a line for each packet, and one for each frame that comes of the packets
 * before it. Older versions name the duration of a frame otherwise. What a decoder complains about while it makes a frame
 * follows the frame.
 */
export const DECODED_ENTRIES =
  'packet=pts_time,dts_time,flags:frame=best_effort_timestamp_time,pts_time,duration_time,pkt_duration_time,nb_samples:log=level,message';

/**
 * Complaints of decoders that are no damage: fields of cameras that only the decoder does not know, and pictures that were
 * left out by an editor on purpose.
 */
const HARMLESS =
  /APP fields|mmco|co located POCs|reference picture|short term buffer|number of reference frames|Skipped|deprecated/i;

/** Maximum number of packets without a frame that are kept; pictures are reordered over a few packets only. */
const MAX_WAITING = 1_000;
/** Maximum number of damaged parts that are kept apart. */
const MAX_PARTS = 1_000;
/** Part of a frame by which it may begin later than the one before ends, because containers round times. */
const ROUNDING = 0.6;

/** Reads the lines of ffprobe (`-of compact`) about the packets and frames of one stream. */
export class DecodedReader {
  readonly #sampleRate: number | null;
  readonly #latest: number;
  /** Times of packets of which no later frame has come yet. */
  #waiting: number[] = [];
  #damaged: Part[] = [];
  #last: { readonly start: number; readonly end: number } | null = null;
  #frames = 0;

  /**
   * @param sampleRate hertz; `null`: the stream is a picture
   * @param latest seconds on the timeline of the file behind which times are wrong
   */
  constructor(sampleRate: number | null, latest = Number.POSITIVE_INFINITY) {
    this.#sampleRate = sampleRate;
    this.#latest = latest;
  }

  readonly onLine = (line: string): void => {
    if (line.startsWith('packet|')) this.#addPacket(line);
    else if (line.startsWith('frame|')) this.#addFrame(line);
    if (/(?:^|\|)log\|/.test(line)) this.#addComplaint(line);
  };

  /** Returns the damaged parts in seconds on the timeline of the file. `end`: when the stream ends by its packets. */
  parts(end: number): Part[] {
    const last = this.#last?.end ?? Number.NEGATIVE_INFINITY;
    const lost = this.#waiting.filter((time) => time >= last - 1e-6);
    const missing = lost.length > 0 ? [{ start: Math.max(last, Math.min(...lost)), end }] : [];
    return joinedParts([...this.#damaged, ...missing.filter((part) => part.end > part.start)]);
  }

  /** Number of frames that were decoded. */
  get frames(): number {
    return this.#frames;
  }

  #addPacket(line: string): void {
    const time = numberIn(line, 'pts_time') ?? numberIn(line, 'dts_time');
    // A packet with the flag D is not shown.
    if (time === null || time > this.#latest || /\|flags=[^|]*D/.test(line)) return;
    this.#waiting.push(time);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  #addFrame(line: string): void {
    const start = numberIn(line, 'best_effort_timestamp_time') ?? numberIn(line, 'pts_time');
    if (start === null || start > this.#latest) return;
    const samples = numberIn(line, 'nb_samples');
    const stated = numberIn(line, 'duration_time') ?? numberIn(line, 'pkt_duration_time') ?? 0;
    const seconds = this.#sampleRate && samples ? samples / this.#sampleRate : stated;
    const from = this.#last?.end ?? start;
    const isGap = start - from > seconds * ROUNDING && start - from > 0.001;
    const isLost = this.#waiting.some((time) => time >= from - seconds / 2 && time < start - seconds / 2);
    if (isGap && isLost) this.#damage({ start: from, end: start });
    this.#waiting = this.#waiting.filter((time) => time > start);
    this.#frames += 1;
    this.#last = { start, end: Math.max(start + seconds, this.#last?.end ?? start) };
  }

  #addComplaint(line: string): void {
    if (!this.#last) return;
    const complaints = line.split(/(?:^|\|)log\|/).slice(1);
    const isReal = complaints.some((text) => /level=(?:8|16)\b/.test(text) && !HARMLESS.test(text));
    if (isReal) this.#damage({ start: this.#last.start, end: this.#last.end });
  }

  #damage(part: Part): void {
    this.#damaged.push(part);
    if (this.#damaged.length > MAX_PARTS) this.#damaged = joinedParts(this.#damaged).slice(0, MAX_PARTS / 2);
  }
}

function numberIn(line: string, name: string): number | null {
  const text = new RegExp(`\\|${name}=(-?[\\d.]+)`).exec(line)?.[1];
  return text === undefined ? null : Number(text);
}
