import type { ChildBounds } from './child-process.ts';
import { type Outcome, outcomeOf } from './failures.ts';
import { launcher } from './launcher.ts';

export interface FfmpegOptions {
  readonly ffmpegPath: string;
  /** Aborting this signal kills ffmpeg. The outcome is then `aborted`. */
  readonly signal: AbortSignal;
  /** Working directory of ffmpeg, to which the names of output files are relative. */
  readonly cwd: string;
  /** Called about twice a second with the number of seconds of output that ffmpeg has written. */
  readonly onProgress?: (outTimeSeconds: number) => void;
  /** Called if ffmpeg complained, although it succeeded: parts of the file could not be read or decoded. */
  readonly onComplaint?: () => void;
  readonly bounds: ChildBounds;
}

/**
 * Arguments of every run of ffmpeg. `-y` allows ffmpeg to overwrite files, which is safe because each run has
 * a directory of its own. `-max_error_rate` lets ffmpeg succeed with a file of which it
 * can decode little, but not if it can decode nothing. With the
 * other arguments, ffmpeg writes only errors to stderr, and only progress to stdout.
 */
const GLOBAL_ARGS = [
  '-hide_banner',
  '-nostdin',
  '-nostats',
  '-y',
  '-max_error_rate',
  '0.999',
  '-loglevel',
  'error',
  '-progress',
  'pipe:1',
];

/**
 * Runs ffmpeg until it ends. The outcome `ok` does not mean that the output is complete, because ffmpeg's HLS
 * and DASH muxers ignore a full disk. The caller must check each file with `isWholeFile`. Rejects if ffmpeg
 * cannot be started.
 */
export async function runFfmpeg(args: readonly string[], options: FfmpegOptions): Promise<Outcome> {
  const { ffmpegPath, signal, cwd, bounds, onProgress, onComplaint } = options;
  const onLine = (line: string) => {
    const seconds = outTimeIn(line);
    if (seconds !== null) onProgress?.(seconds);
  };
  const end = await launcher.run(ffmpegPath, [...GLOBAL_ARGS, ...args], { signal, cwd, bounds, onLine });
  const outcome = outcomeOf(end);
  if (outcome.ok && end.stderr !== '') onComplaint?.();
  return outcome;
}

/** Returns the seconds in an `out_time_us=` line of `-progress`; `null` for other lines and before the first frame. */
export function outTimeIn(line: string): number | null {
  const match = /^out_time_us=(\d+)$/.exec(line.trim());
  return match ? Number(match[1]) / 1_000_000 : null;
}
