import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** Makes `dir` and what is above it, so that they survive power loss. Does nothing where it is there already. */
export async function makeDirectory(dir: string, mode?: number): Promise<void> {
  const firstMade = await mkdir(dir, { recursive: true, ...(mode === undefined ? null : { mode }) });
  if (firstMade === undefined) return;
  // A directory is as durable as its entry in the one above it.
  let parent = dirname(firstMade);
  await syncDirectory(parent);
  for (const name of relative(parent, dirname(dir)).split(sep).filter(Boolean)) {
    parent = join(parent, name);
    await syncDirectory(parent);
  }
}

/** Makes the entries of `dir`, such as one that was just renamed, survive power loss. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a file that its owner alone can read, so that a reader, and a start after a loss of power, finds all of it or
 * what was there before.
 * @param ifThere what becomes of a file that there is by then: `kept` tells processes apart that make it at once
 * @returns whether `text` is what the file holds
 */
export async function writePrivateFile(
  file: string,
  text: string,
  ifThere: 'kept' | 'replaced',
): Promise<boolean> {
  // A draft that a kill left behind may be the file itself, by another name: never to be written again.
  const draft = `${file}.${randomUUID()}.draft`;
  let isPlaced = true;
  try {
    await writeFile(draft, text, { mode: 0o600, flush: true, flag: 'wx' });
    // The mode above is lessened by the umask.
    await chmod(draft, 0o600);
    // Linking, unlike renaming, fails where another process was faster.
    await (ifThere === 'kept' ? link(draft, file) : rename(draft, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    isPlaced = false;
  } finally {
    await rm(draft, { force: true });
  }
  // Whoever was slower goes on with the other's file, which may not be durable yet.
  await syncDirectory(dirname(file));
  return isPlaced;
}
