import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Creates a new directory below `parent`, passes its path to `work`, and removes the directory when `work`
 * has ended. Incomplete files are therefore never stored beside finished files, even if `work` fails or the
 * process is killed.
 */
export async function inScratchDirectory<Result>(
  parent: string,
  work: (scratch: string) => Promise<Result>,
): Promise<Result> {
  const scratch = join(parent, randomUUID());
  try {
    await mkdir(scratch, { recursive: true });
    return await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Removes all scratch directories below `parent`, because a killed process might have left some. Must not be
 * called while any work uses a scratch directory below `parent`.
 */
export async function clearScratchDirectories(parent: string): Promise<void> {
  await rm(parent, { recursive: true, force: true });
}
