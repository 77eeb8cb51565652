import { statfs } from 'node:fs/promises';

/**
 * Returns the number of free bytes in the file system of `directory`. Returns infinity if the file system
 * does not report this number.
 */
export async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
