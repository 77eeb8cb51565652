import { lstat, opendir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Number of files that are removed at the same time. Node runs a few file operations at a time for the whole
 * process. With more removals at a time, uploads and downloads would wait behind thousands of them.
 */
const AT_ONCE = 4;
/**
 * Maximum number of times that a directory is read again, because files appeared in it while it was emptied.
 */
const MAX_PASSES = 5;

/**
 * Removes a file, or a directory with everything in it, however many files it has: in constant memory, and a few
 * files at a time. Does nothing if `path` does not exist.
 * @param signal the removal ends between two files when the signal is aborted; the promise then rejects with the
 * signal's reason
 */
export async function removeTree(path: string, signal?: AbortSignal): Promise<void> {
  for (let pass = 1; ; pass += 1) {
    try {
      // `lstat` does not follow a symbolic link, so that the link is removed and not what it points to.
      if (!(await lstat(path)).isDirectory()) return await unlink(path);
      await emptyDirectory(path, signal);
      return await rmdir(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'ENOTEMPTY' || pass === MAX_PASSES) throw error;
    }
  }
}

/** Removes everything in a directory. */
async function emptyDirectory(path: string, signal: AbortSignal | undefined): Promise<void> {
  let batch: Promise<void>[] = [];
  for await (const entry of await opendir(path)) {
    signal?.throwIfAborted();
    const child = join(path, entry.name);
    if (entry.isDirectory()) await removeTree(child, signal);
    else batch.push(unlink(child).catch(ignoreAbsent));
    if (batch.length < AT_ONCE) continue;
    await Promise.all(batch);
    batch = [];
  }
  await Promise.all(batch);
}

function ignoreAbsent(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
