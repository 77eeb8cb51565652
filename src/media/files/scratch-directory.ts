import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree } from './remove-tree.ts';

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
    await removeTree(scratch);
  }
}

/**
 * Removes all scratch directories below `parent`, because a killed process might have left some. Must not be
 * called while any work uses a scratch directory below `parent`.
 */
export async function clearScratchDirectories(parent: string): Promise<void> {
  await removeTree(parent);
}
