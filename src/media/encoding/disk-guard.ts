import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes } from '../../data-folder/disk-space.ts';
import { isNoSpace } from '../../platform/system-errors.ts';
import { treeSize } from '../files/tree-size.ts';
import { DISK_FULL, type Failure, failure, type Outcome, TOO_MUCH_OUTPUT } from './ffmpeg/failures.ts';
import { type FfmpegOptions, runFfmpeg } from './ffmpeg/run.ts';
import { type RunRoom, UNCOUNTED } from './room/output-room.ts';
import { fromStorage, StorageRefused } from './storage-refused.ts';

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
  /** Room for the output. Left out: it is not counted. */
  readonly run?: RunRoom;
}

/**
 * Runs ffmpeg, and kills ffmpeg in three cases: if the disk of `cwd` has too little free space, the outcome is
 * `no-space`; if the output of a quality is larger than its limit, or the account has no room for the output, the outcome
 * is `failed`. Output of a successful run fits into the room in any case.
 * @throws StorageRefused if the storage fails to count the output
 */
export async function runFfmpegGuarded(args: readonly string[], options: DiskGuardOptions): Promise<Outcome> {
  const { cwd, minFreeBytes, run = UNCOUNTED.begin() } = options;
  if ((await freeBytes(cwd)) < minFreeBytes) return DISK_FULL;

  const full = new AbortController();
  const check = async () => {
    if ((await freeBytes(cwd)) < minFreeBytes) full.abort(DISK_FULL);
    // If the storage fails, the next check tries again.
    const refused = await refusalOf(options, run).catch(ignoreStorage);
    if (refused) full.abort(refused);
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
  if (outcome.ok) return options.run ? ((await refusalOf(options, run)) ?? outcome) : outcome;
  const endedForRoom = full.signal.aborted && !options.signal.aborted;
  return endedForRoom ? (full.signal.reason as Failure) : outcome;
}

/** Counts the output so far. Returns a failure if it is larger than a limit allows. */
async function refusalOf(
  { cwd, bounds, outputs = [''] }: DiskGuardOptions,
  run: RunRoom,
): Promise<Failure | null> {
  let total = 0;
  for (const output of outputs) {
    const { files, bytes } = await treeSize(join(cwd, output)).catch(() => NOTHING);
    if (files > MAX_FILES || bytes > bounds.fileBytes) return TOO_MUCH_OUTPUT;
    total += bytes;
  }
  return fromStorage(() => run.hold(total));
}

/** Size of a directory that cannot be read at present. */
const NOTHING = { files: 0, bytes: 0 };

function ignoreStorage(error: unknown): null {
  if (error instanceof StorageRefused) return null;
  throw error;
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
