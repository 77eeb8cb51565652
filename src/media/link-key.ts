import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DataFileError } from '../data-folder/data-file-error.ts';
import { writePrivateFile } from '../data-folder/durable-files.ts';

const KEY_BYTES = 32;

/**
 * Reads the key with which links are signed. `file` is the path of the key's file. If the file does not
 * exist, creates the file with a new random key, and allows only the owner of the file to read it.
 */
export async function openLinkKey(file: string): Promise<Buffer> {
  return (await readKey(file)) ?? (await createKey(file));
}

async function readKey(file: string): Promise<Buffer | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new DataFileError(`the key of signed links in ${file} can't be read: ${error.message}`, {
      cause: error,
    });
  });
  if (text === null) return null;
  const key = Buffer.from(text.trim(), 'base64url');
  // A key of a wrong length is refused, because signatures made with a truncated key are easy to guess.
  if (key.length !== KEY_BYTES) {
    throw new DataFileError(
      `the key of signed links in ${file} is damaged: expected ${KEY_BYTES} bytes, got ${key.length}; restore the file from a backup, or remove it, which ends all signed links`,
    );
  }
  return key;
}

async function createKey(file: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  if (await writePrivateFile(file, `${key.toString('base64url')}\n`, 'kept')) return key;
  return (await readKey(file)) ?? createKey(file);
}
