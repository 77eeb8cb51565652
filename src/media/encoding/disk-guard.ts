import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes } from '../../data-folder/disk-space.ts';
import { isNoSpace } from '../../platform/system-errors.ts';
import { DISK_FULL, type Failure, failure, type Outcome, TOO_MUCH_OUTPUT } from './ffmpeg/failures.ts';
import { type FfmpegOptions, runFfmpeg } from './ffmpeg/run.ts';

/**
 * Bytes that encodes leave free: the service's database, which likely lies on the same disk, must still be able
 * to commit. Far more than is written between two looks.
 */
const MIN_FREE_BYTES = 268_435_456;

/** Bytes that a disk takes which was not full; more than a file system holds back for its own records. */
const TRIAL_BYTES = 1_048_576;

export interface DiskGuardOptions extends FfmpegOptions {
  readonly cwd: string;
  /** `MIN_FREE_BYTES` if left out. */
  readonly minFreeBytes?: number;
}

/** Runs ffmpeg as long as there is room on the disk of `cwd`; `no-space` when that runs out. */
export async function runFfmpegGuarded(args: readonly string[], options: DiskGuardOptions): Promise<Outcome> {
  const { cwd, minFreeBytes = MIN_FREE_BYTES } = options;
  if ((await freeBytes(cwd)) < minFreeBytes) return DISK_FULL;

  const full = new AbortController();
  const look = async () => {
    if ((await freeBytes(cwd)) < minFreeBytes) full.abort(DISK_FULL);
    else if (options.bounds && (await bytesIn(cwd)) > options.bounds.fileBytes) full.abort(TOO_MUCH_OUTPUT);
  };
  const lookNow = seldom(look);
  const outcome = await runFfmpeg(args, {
    ...options,
    signal: AbortSignal.any([options.signal, full.signal]),
    onProgress: (seconds) => {
      lookNow();
      options.onProgress?.(seconds);
    },
  });
  const endedForRoom = !outcome.ok && full.signal.aborted && !options.signal.aborted;
  return endedForRoom ? (full.signal.reason as Failure) : outcome;
}

/** Of thousands of segments a look takes a while: it never takes more than a twentieth of the time. */
function seldom(look: () => Promise<void>): () => void {
  let nextAt = 0;
  return () => {
    const startedAt = performance.now();
    if (startedAt < nextAt) return;
    nextAt = Number.POSITIVE_INFINITY;
    void look().finally(() => {
      const endedAt = performance.now();
      nextAt = endedAt + 20 * (endedAt - startedAt);
    });
  };
}

/** Files looked at in one go: a day's segments at once would keep the event loop for a tenth of a second. */
const STATS_AT_ONCE = 64;

/**
 * What all the files of a directory have together. What goes meanwhile counts for nothing, nor does what can't be
 * looked at: the directory itself goes when its media is deleted.
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
 * Why ffmpeg, which does not tell, has left files in `directory` that are not whole: called while they still take
 * up the room. If it was not the disk, trying again and again would not help.
 */
export async function whyNotWhole(directory: string): Promise<Failure> {
  try {
    await writeFile(join(directory, 'trial'), Buffer.alloc(TRIAL_BYTES), { flush: true });
    return failure('killed', 'the encoded media was not written whole');
  } catch (error) {
    if (isNoSpace(error)) return DISK_FULL;
    throw error;
  }
}
