import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Creates `dir` and its missing parents, and syncs them to the disk, so that they survive a power loss. Does
 * nothing if `dir` exists.
 */
export async function makeDirectory(dir: string, mode?: number): Promise<void> {
  const firstMade = await mkdir(dir, { recursive: true, ...(mode === undefined ? null : { mode }) });
  if (firstMade === undefined) return;
  // A new directory survives a power loss only if the entry in its parent directory is synced, too.
  let parent = dirname(firstMade);
  await syncDirectory(parent);
  for (const name of relative(parent, dirname(dir)).split(sep).filter(Boolean)) {
    parent = join(parent, name);
    await syncDirectory(parent);
  }
}

/** Syncs the entries of `dir` to the disk, for example after a rename, so that they survive a power loss. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file that only its owner can read. The write is atomic: a reader finds either the whole `text` or
 * the old file, even after a power loss.
 * @param ifPresent whether an existing file is kept or replaced. With `kept`, if several processes write the
 * file at the same time, exactly one of them creates it
 * @returns whether `text` was written; `false`: another file was kept
 */
export async function writePrivateFile(
  file: string,
  text: string,
  ifPresent: 'kept' | 'replaced',
): Promise<boolean> {
  // The draft, a temporary file, has a random name. A killed process might leave a draft that is a hard link
  // to `file`, and a write to that draft would overwrite `file`.
  const draft = `${file}.${randomUUID()}.draft`;
  let isPlaced = true;
  try {
    await writeFile(draft, text, { mode: 0o600, flush: true, flag: 'wx' });
    // The mode is set again, because the umask might have removed permissions from the mode of `writeFile`.
    await chmod(draft, 0o600);
    // For `kept`, `link` is used instead of `rename`. If another process has created the file, `link` fails,
    // but `rename` would replace the file.
    await (ifPresent === 'kept' ? link(draft, file) : rename(draft, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    isPlaced = false;
  } finally {
    await rm(draft, { force: true });
  }
  // The directory is synced even after a failed `link`, because the caller then uses the file of another
  // process, and that file might not be durable yet.
  await syncDirectory(dirname(file));
  return isPlaced;
}
