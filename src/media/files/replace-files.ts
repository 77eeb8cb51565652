import { type FileHandle, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDirectory } from '../../data-folder/durable-files.ts';

/** Files flushed to the disk at the same time: enough for a journalling file system to join their commits. */
const SYNC_CONCURRENCY = 16;

/**
 * Moves a finished directory to `target`, and replaces a directory that is already there. Once this resolves, all of it
 * survives a loss of power.
 */
export async function replaceDirectory(directory: string, target: string): Promise<void> {
  const names = await readdir(directory);
  for (let start = 0; start < names.length; start += SYNC_CONCURRENCY) {
    const batch = names.slice(start, start + SYNC_CONCURRENCY);
    await Promise.all(batch.map((name) => syncPath(join(directory, name))));
  }
  await syncPath(directory);

  // The old directory is moved away first, because rename(2) does not replace a directory that holds files.
  const replaced = `${directory}-replaced`;
  await makeDirectory(dirname(target));
  await rename(target, replaced).catch(ignoreMissing);
  await rename(directory, target);
  await syncPath(dirname(target));
  await rm(replaced, { recursive: true, force: true });
}

/** Moves a finished file to `target`, durably. Readers see the old file until they see the new one. */
export async function replaceFile(file: string, target: string): Promise<void> {
  await syncPath(file);
  await makeDirectory(dirname(target));
  await rename(file, target);
  await syncPath(dirname(target));
}

/** Writes `text` in `scratch` and moves it to `target`. Readers see the old text or the new, never a part. */
export async function replaceText(scratch: string, target: string, text: string): Promise<void> {
  const file = join(scratch, basename(target));
  await writeFile(file, text);
  await replaceFile(file, target);
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
