import { statfs } from 'node:fs/promises';

/** Returns the free bytes of the file system of `directory`; infinity if the file system does not report them. */
export async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
