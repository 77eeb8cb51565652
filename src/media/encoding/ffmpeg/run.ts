import { type ChildBounds, runChild } from './child-process.ts';
import { type Outcome, outcomeOf } from './failures.ts';

export interface FfmpegOptions {
  readonly ffmpegPath: string;
  /** Aborting it kills ffmpeg; the outcome is then `aborted`. */
  readonly signal: AbortSignal;
  /** Where relative output names lie. */
  readonly cwd?: string;
  /** Told about twice a second how many seconds of output are written. */
  readonly onProgress?: (outTimeSeconds: number) => void;
  readonly bounds?: ChildBounds;
}

/** Overwrites, as work directories are the encode's own; says errors on stderr and progress on stdout alone. */
const GLOBAL_ARGS = [
  '-hide_banner',
  '-nostdin',
  '-nostats',
  '-y',
  '-loglevel',
  'error',
  '-progress',
  'pipe:1',
];

/**
 * Runs ffmpeg to its end. `ok` says only that it ended well: its HLS and DASH muxers do not notice a full disk,
 * see `whole-file.ts`. Rejects if ffmpeg could not be started.
 */
export async function runFfmpeg(args: readonly string[], options: FfmpegOptions): Promise<Outcome> {
  const { ffmpegPath, signal, cwd, bounds, onProgress } = options;
  const onLine = (line: string) => {
    const seconds = outTimeIn(line);
    if (seconds !== null) onProgress?.(seconds);
  };
  const end = await runChild(ffmpegPath, [...GLOBAL_ARGS, ...args], {
    signal,
    onLine,
    ...(cwd === undefined ? {} : { cwd }),
    ...(bounds === undefined ? {} : { bounds }),
  });
  return outcomeOf(end);
}

/** Seconds in an `out_time_us=` line of `-progress`; null for other lines and before the first frame (`N/A`). */
export function outTimeIn(line: string): number | null {
  const match = /^out_time_us=(\d+)$/.exec(line.trim());
  return match ? Number(match[1]) / 1_000_000 : null;
}
