import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** Creates `dir` and its missing parents, durably: they survive a power loss. Does nothing if `dir` exists. */
export async function makeDirectory(dir: string, mode?: number): Promise<void> {
  const firstMade = await mkdir(dir, { recursive: true, ...(mode === undefined ? null : { mode }) });
  if (firstMade === undefined) return;
  // A directory is only as durable as its entry in its parent.
  let parent = dirname(firstMade);
  await syncDirectory(parent);
  for (const name of relative(parent, dirname(dir)).split(sep).filter(Boolean)) {
    parent = join(parent, name);
    await syncDirectory(parent);
  }
}

/** Makes the entries of `dir` durable, for example after a rename. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file that only its owner can read. A reader, and a start after a power loss, finds either all of `text` or the
 * file of before.
 * @param ifPresent treatment of an existing file; with `kept`, exactly one of several processes creates the file
 * @returns whether the file now contains `text`
 */
export async function writePrivateFile(
  file: string,
  text: string,
  ifPresent: 'kept' | 'replaced',
): Promise<boolean> {
  // The name is random, because the draft of a killed process may be a hard link to the file, and must not be overwritten.
  const draft = `${file}.${randomUUID()}.draft`;
  let isPlaced = true;
  try {
    await writeFile(draft, text, { mode: 0o600, flush: true, flag: 'wx' });
    // The umask may have removed permissions from the mode of `writeFile`.
    await chmod(draft, 0o600);
    // Unlike `rename`, `link` fails if another process has created the file.
    await (ifPresent === 'kept' ? link(draft, file) : rename(draft, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    isPlaced = false;
  } finally {
    await rm(draft, { force: true });
  }
  // After a failed `link` the caller uses the other process's file, which may not be durable yet either.
  await syncDirectory(dirname(file));
  return isPlaced;
}
