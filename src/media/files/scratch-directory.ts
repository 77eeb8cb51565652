import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Failure, outcomeOfError } from '../encoding/ffmpeg/failures.ts';
import { workDir } from './media-files.ts';

/** Files flushed at once: enough for a journalling file system to join their commits. */
const SYNC_CONCURRENCY = 16;

/**
 * Runs `work` in a directory of its own below `parent`, which is removed at the end: a failed, aborted or killed encode
 * never touches what is published. A full disk is a `no-space` outcome, whoever met it, and want of file handles `exhausted`.
 */
export async function inScratchDirectory<Result>(
  parent: string,
  work: (place: string) => Promise<Result>,
): Promise<Result | Failure> {
  const place = join(parent, randomUUID());
  try {
    await mkdir(place, { recursive: true });
    return await work(place);
  } catch (error) {
    return outcomeOfError(error);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Removes what killed encodes have left. Not while one is running for the same media. */
export async function clearScratchDirectories(mediaDir: string): Promise<void> {
  await rm(workDir(mediaDir), { recursive: true, force: true });
}

/**
 * Makes a finished directory the one at `target`, in place of any that is there. When it resolves, all of it would
 * survive a loss of power.
 */
export async function moveDirectory(directory: string, target: string): Promise<void> {
  const names = await readdir(directory);
  for (let start = 0; start < names.length; start += SYNC_CONCURRENCY) {
    const batch = names.slice(start, start + SYNC_CONCURRENCY);
    await Promise.all(batch.map((name) => syncPath(join(directory, name))));
  }
  await syncPath(directory);

  // rename(2) does not replace a directory that holds files.
  const replaced = `${directory}-replaced`;
  await makeParents(target);
  await rename(target, replaced).catch(ignoreMissing);
  await rename(directory, target);
  await syncPath(dirname(target));
  await rm(replaced, { recursive: true, force: true });
}

/** The same for one file, which takes the other's place at one instant. */
export async function moveFile(file: string, target: string): Promise<void> {
  await syncPath(file);
  await makeParents(target);
  await rename(file, target);
  await syncPath(dirname(target));
}

/** Writes `text` to `target` so that a reader sees the old text or the new, never a part. */
export async function publishText(place: string, target: string, text: string): Promise<void> {
  const file = join(place, basename(target));
  await writeFile(file, text);
  await moveFile(file, target);
}

/** Makes the directories above `target`, each entered durably in the one above it. */
async function makeParents(target: string): Promise<void> {
  const parent = resolve(dirname(target));
  const first = await mkdir(parent, { recursive: true });
  if (first === undefined) return;
  for (let made = parent; made.length >= first.length; made = dirname(made)) await syncPath(dirname(made));
}

async function syncPath(path: string): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    await file.sync();
  } finally {
    await file?.close();
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
