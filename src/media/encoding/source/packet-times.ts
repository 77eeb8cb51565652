/** When the packets of one stream are shown, in seconds on the timeline of the file. */
export interface PacketTimes {
  /** Number of packets that are shown. */
  readonly count: number;
  /** When the first picture is shown that can be decoded, or the first sound is heard. */
  readonly start: number;
  /** When the last picture or sound ends. */
  readonly end: number;
}

/** Value of ffprobe's option `-show_entries` with which ffprobe writes the lines that `PacketReader` reads. */
export const PACKET_ENTRIES = 'packet=stream_index,pts_time,dts_time,duration_time,flags';

interface Running {
  count: number;
  start: number;
  end: number;
}

/**
 * Reads the lines of ffprobe about all packets of a file (`-of csv=p=0`). Headers can be wrong, or say
 * nothing; packets show what is there.
 */
export class PacketReader {
  readonly #streams = new Map<number, Running>();

  readonly onLine = (line: string): void => {
    const [index = '', shown = '', decoded = '', duration = '', flags = ''] = line.split(',');
    // An edit list of the file says that a packet with the flag D is decoded, but not shown.
    if (flags.includes('D')) return;
    const stream = Number(index);
    const time = secondsOf(shown) ?? secondsOf(decoded);
    if (!Number.isInteger(stream) || time === null) return;
    const end = time + (secondsOf(duration) ?? 0);
    const running = this.#streams.get(stream);
    if (running) {
      running.count += 1;
      running.start = Math.min(running.start, time);
      running.end = Math.max(running.end, end);
    } else if (flags.startsWith('K')) {
      // Nothing can be decoded before the first key frame, for example if a recording begins in the middle of
      // a group of pictures.
      this.#streams.set(stream, { count: 1, start: time, end });
    }
  };

  /** Returns the times of each stream that has packets, by the index of the stream. */
  times(): ReadonlyMap<number, PacketTimes> {
    return this.#streams;
  }
}

/** Returns `null` for `N/A`, which ffprobe writes for a time that is not known. */
function secondsOf(text: string): number | null {
  const seconds = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(seconds) ? seconds : null;
}
