import { mkdir, open } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** Makes `dir` and what is above it, so that they survive power loss. Does nothing where it is there already. */
export async function makeDirectory(dir: string): Promise<void> {
  const firstMade = await mkdir(dir, { recursive: true });
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
