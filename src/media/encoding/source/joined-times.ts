import { type Failure, outcomeOf } from '../ffmpeg/failures.ts';
import { JOINING, mediaInputArgs } from '../ffmpeg/input-args.ts';
import { launcher } from '../ffmpeg/launcher.ts';
import { measureBounds } from '../ffmpeg/limits.ts';
import type { PacketTimes } from './packet-times.ts';
import type { ReadOptions } from './read-file.ts';

export interface JoinOptions extends ReadOptions {
  readonly ffmpegPath: string;
}

/**
 * Reads when the packets of some streams are shown on the timeline of ffmpeg's decoders. ffmpeg joins the parts
 * of a recording whose times jump, by rules that depend on the format and on the streams that are used, so that
 * ffmpeg itself is asked. It copies the packets and decodes nothing. The result has the indices of the streams
 * in the file.
 */
export async function readJoinedTimes(
  file: string,
  streams: readonly number[],
  { ffmpegPath, signal, limits }: JoinOptions,
): Promise<{ ok: true; times: ReadonlyMap<number, PacketTimes> } | Failure> {
  const reader = new CopyReader(streams);
  const args = [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', ...JOINING],
    ...mediaInputArgs(file, limits),
    ...streams.flatMap((stream) => ['-map', `0:${stream}`]),
    ...['-c', 'copy', '-f', 'framecrc', 'pipe:1'],
  ];
  const end = await launcher.run(ffmpegPath, args, {
    signal,
    onLine: reader.onLine,
    bounds: measureBounds(limits),
  });
  const outcome = outcomeOf(end);
  return outcome.ok ? { ok: true, times: reader.times() } : outcome;
}

/**
 * Reads the lines of ffmpeg's muxer `framecrc`: the time base of each stream, such as `#tb 0: 1/90000`, and each
 * packet: stream, decoding time, time, duration, size and checksum.
 */
export class CopyReader {
  readonly #streams: readonly number[];
  readonly #secondsPerUnit = new Map<number, number>();
  readonly #times = new Map<number, { count: number; start: number; end: number; last: number }>();

  /** @param streams indices in the file of the streams, in the order in which ffmpeg numbers them */
  constructor(streams: readonly number[]) {
    this.#streams = streams;
  }

  readonly onLine = (line: string): void => {
    const base = /^#tb (\d+): (\d+)\/(\d+)/.exec(line);
    if (base) this.#secondsPerUnit.set(Number(base[1]), Number(base[2]) / Number(base[3]));
    if (line.startsWith('#')) return;
    const [index, decoded, shown, duration] = line.split(',', 4).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const unit = this.#secondsPerUnit.get(index);
    const time = (Number.isFinite(shown) ? shown : decoded) * (unit ?? Number.NaN);
    if (unit === undefined || !Number.isFinite(time)) return;
    const end = time + (Number.isFinite(duration) ? duration * unit : 0);
    const known = this.#times.get(index);
    if (!known) this.#times.set(index, { count: 1, start: time, end, last: time });
    else if (time >= known.start) {
      known.count += 1;
      known.last = Math.max(known.last, time);
      known.end = Math.max(known.end, end);
    }
  };

  times(): ReadonlyMap<number, PacketTimes> {
    const times = [...this.#times].map(([index, { count, start, end, last }]) => {
      const interval = count > 1 ? (last - start) / (count - 1) : 0;
      return [this.#streams[index] ?? -1, { count, start, end: end > last ? end : last + interval }] as const;
    });
    return new Map(times);
  }
}
