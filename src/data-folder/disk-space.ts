import { statfs } from 'node:fs/promises';

/** Bytes that may still be written to the file system of `directory`; infinite where it does not tell. */
export async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
