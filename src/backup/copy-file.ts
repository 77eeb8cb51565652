import { createHash } from 'node:crypto';
import { chmod, constants, copyFile, link, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectory } from '../data-folder/durable-files.ts';

/** Bytes that are read at once to compute a checksum. */
const BUFFER_BYTES = 1024 * 1024;
/** Errors of `link` that say that the file must be copied, because the file systems or their rules differ. */
const NO_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'ENOSYS', 'EACCES']);

/** A copied file: its SHA-256 in hex, and its size in bytes. */
export interface Hashed {
  readonly sum: string;
  readonly size: number;
}

/** Computes the SHA-256 of a file. */
export async function hashOf(file: string): Promise<Hashed> {
  const handle = await open(file, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    let size = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, BUFFER_BYTES, size);
      if (bytesRead === 0) return { sum: hash.digest('hex'), size };
      hash.update(buffer.subarray(0, bytesRead));
      size += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/**
 * Copies a file, makes the copy durable, and computes the checksum of the copy. A file system that can share
 * the blocks of two files does so, and then the copy takes no space. Only the owner can read the copy.
 * @param linked whether a hard link is made instead, if possible; only for files that never change
 * @returns null if the file does not exist
 */
export async function copyHashed(
  from: string,
  to: string,
  { linked = false }: { readonly linked?: boolean } = {},
): Promise<Hashed | null> {
  await makeDirectory(dirname(to), 0o700);
  try {
    if (!linked || !(await isLinked(from, to))) await copyDurably(from, to);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && path === from) return null;
    throw error;
  }
  return hashOf(to);
}

/** Makes a hard link. Returns false if the file system allows none. */
async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (NO_LINK.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(to, 0o600);
  const handle = await open(to, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
