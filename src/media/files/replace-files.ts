import { type FileHandle, open, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDirectory } from '../../data-folder/durable-files.ts';
import { removeTree } from './remove-tree.ts';

/**
 * Number of files that are flushed to the disk at the same time. A journalling file system can then write the
 * changes of several files in one commit of its journal.
 */
const SYNC_CONCURRENCY = 16;

/**
 * Moves a finished directory to `target`, where it replaces an existing directory. Once the promise resolves,
 * the directory and its files survive a loss of power.
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
  await removeTree(replaced);
}

/**
 * Moves a finished file to `target` by a rename. Readers get either the whole old file or the whole new file.
 * Once the promise resolves, the new file survives a loss of power.
 */
export async function replaceFile(file: string, target: string): Promise<void> {
  await syncPath(file);
  await makeDirectory(dirname(target));
  await rename(file, target);
  await syncPath(dirname(target));
}

/**
 * Writes `text` to a file in the directory `scratch`, and moves that file to `target`. Readers get either the
 * whole old text or the whole new text.
 */
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
