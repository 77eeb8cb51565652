import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Runs `work` in a new directory below `parent`, which is removed at the end. Work that fails, is aborted or is killed
 * therefore never leaves anything among finished files.
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

/** Removes scratch directories that a killed process left below `parent`. Nothing may be running in them. */
export async function clearScratchDirectories(parent: string): Promise<void> {
  await rm(parent, { recursive: true, force: true });
}
