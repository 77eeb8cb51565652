import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes } from '../../data-folder/disk-space.ts';
import { isNoSpace } from '../../platform/system-errors.ts';
import { DISK_FULL, type Failure, failure, type Outcome, TOO_MUCH_OUTPUT } from './ffmpeg/failures.ts';
import { type FfmpegOptions, runFfmpeg } from './ffmpeg/run.ts';

/**
 * Bytes that encodes leave free, because the database is probably on the same disk and must still be able to commit. It
 * is far more than an encode writes between two checks.
 */
export const MIN_FREE_BYTES = 268_435_456;

/** Bytes of a trial write that fails on a full disk: more than a file system reserves for its own records. */
const TRIAL_BYTES = 1_048_576;

export interface DiskGuardOptions extends FfmpegOptions {
  /** Bytes that must stay free on the disk of `cwd`; `MIN_FREE_BYTES` in production. */
  readonly minFreeBytes: number;
}

/**
 * Runs ffmpeg while the disk of `cwd` has room and the output stays within its bound. Otherwise it kills ffmpeg, and
 * the outcome is `no-space` or `failed`.
 */
export async function runFfmpegGuarded(args: readonly string[], options: DiskGuardOptions): Promise<Outcome> {
  const { cwd, minFreeBytes, bounds } = options;
  if ((await freeBytes(cwd)) < minFreeBytes) return DISK_FULL;

  const full = new AbortController();
  const check = async () => {
    if ((await freeBytes(cwd)) < minFreeBytes) full.abort(DISK_FULL);
    else if ((await bytesIn(cwd)) > bounds.fileBytes) full.abort(TOO_MUCH_OUTPUT);
  };
  const checkNow = throttled(check);
  const outcome = await runFfmpeg(args, {
    ...options,
    signal: AbortSignal.any([options.signal, full.signal]),
    onProgress: (seconds) => {
      checkNow();
      options.onProgress?.(seconds);
    },
  });
  const endedForRoom = !outcome.ok && full.signal.aborted && !options.signal.aborted;
  return endedForRoom ? (full.signal.reason as Failure) : outcome;
}

/** Limits `check` to a twentieth of the time, because checking thousands of segments takes a while. */
function throttled(check: () => Promise<void>): () => void {
  let nextAt = 0;
  return () => {
    const startedAt = performance.now();
    if (startedAt < nextAt) return;
    nextAt = Number.POSITIVE_INFINITY;
    void check().finally(() => {
      const endedAt = performance.now();
      nextAt = endedAt + 20 * (endedAt - startedAt);
    });
  };
}

/**
 * Files whose sizes are read at once. All segments of a day at once would block the event loop for a tenth of a second.
 */
const STATS_AT_ONCE = 64;

/**
 * Returns the bytes of all files in a directory. A file that disappears or cannot be read counts as 0, and so does a
 * missing directory: it disappears when its media is deleted.
 */
async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  let bytes = 0;
  for (let start = 0; start < names.length; start += STATS_AT_ONCE) {
    const some = names.slice(start, start + STATS_AT_ONCE).map((name) =>
      stat(join(directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    for (const size of await Promise.all(some)) bytes += size;
  }
  return bytes;
}

/**
 * Finds out why ffmpeg left incomplete files in `directory`, because ffmpeg does not report it. Must be called while
 * the files still take up their room. If the disk is not full, endless retries would not help: the outcome is then
 * `killed`.
 */
export async function whyIncomplete(directory: string): Promise<Failure> {
  try {
    await writeFile(join(directory, 'trial'), Buffer.alloc(TRIAL_BYTES), { flush: true });
    return failure('killed', 'the encoded media was not written completely');
  } catch (error) {
    if (isNoSpace(error)) return DISK_FULL;
    throw error;
  }
}
