import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes } from '../../data-folder/disk-space.ts';
import { isNoSpace } from '../../platform/system-errors.ts';
import { DISK_FULL, type Failure, failure, type Outcome, TOO_MUCH_OUTPUT } from './ffmpeg/failures.ts';
import { type FfmpegOptions, runFfmpeg } from './ffmpeg/run.ts';

/**
 * Number of bytes that encodes must leave free on the disk. The database is probably on the same disk, and
 * must still be able to commit. The number is far larger than what an encode writes between two checks of the
 * free space.
 */
export const MIN_FREE_BYTES = 268_435_456;

/**
 * Size in bytes of a trial write that fails if the disk is full. The size is larger than the space that a
 * file system reserves for its own metadata.
 */
const TRIAL_BYTES = 1_048_576;

/**
 * Maximum number of files that an encode writes. A quality has at most twice `MAX_SEGMENTS` files, one set for
 * the picture and one for the sound. More files are written if the duration that the file states is too short.
 */
const MAX_FILES = 65_536;

export interface DiskGuardOptions extends FfmpegOptions {
  /** Number of bytes that must stay free on the disk of `cwd`; `MIN_FREE_BYTES` in production. */
  readonly minFreeBytes: number;
  /** Directories below `cwd`, each of which has the output of one quality. By default, `cwd` itself is the only one. */
  readonly outputs?: readonly string[];
}

/**
 * Runs ffmpeg, and kills ffmpeg in two cases: if the disk of `cwd` has too little free space, the outcome is
 * `no-space`; if the output of a quality is larger than its limit, the outcome is `failed`.
 */
export async function runFfmpegGuarded(args: readonly string[], options: DiskGuardOptions): Promise<Outcome> {
  const { cwd, minFreeBytes, bounds, outputs = [''] } = options;
  if ((await freeBytes(cwd)) < minFreeBytes) return DISK_FULL;

  const full = new AbortController();
  const check = async () => {
    if ((await freeBytes(cwd)) < minFreeBytes) full.abort(DISK_FULL);
    for (const output of outputs) {
      if (await exceeds(join(cwd, output), bounds.fileBytes)) full.abort(TOO_MUCH_OUTPUT);
    }
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

/**
 * Returns a function that runs `check`. After each check, the function does nothing until 20 times the
 * duration of that check has passed. Checks therefore take at most about a twentieth of the time. A check of
 * thousands of segments takes long, and must not slow down the service.
 */
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
 * Number of files whose sizes are read at the same time. For a media that lasts a day, reading the sizes of
 * all segments at once would block the event loop for a tenth of a second.
 */
const STATS_AT_ONCE = 64;

/**
 * Returns whether a directory has more than `MAX_FILES` files, or whether all its files together have more
 * than `mostBytes` bytes. A file that disappears or cannot be read counts as 0 bytes. A missing directory
 * counts as empty, because it disappears when its media is deleted.
 */
async function exceeds(directory: string, mostBytes: number): Promise<boolean> {
  const names = await readdir(directory).catch(() => []);
  if (names.length > MAX_FILES) return true;
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
  return bytes > mostBytes;
}

/**
 * Determines why ffmpeg left incomplete files in `directory`, because ffmpeg does not report the reason. A
 * trial write shows whether the disk is full. The caller must therefore not remove the incomplete files
 * before this call. If the disk is not full, the outcome is `killed`, because a killed encode is retried only
 * a limited number of times. Endless retries would not help.
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
