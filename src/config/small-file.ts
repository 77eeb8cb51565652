import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Maximum size of a file that holds settings or a secret, in bytes. The limit keeps a wrong path, such as that of
 * a video or of /dev/zero, from filling the memory.
 */
const MAX_BYTES = 64 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'is not readable for this user',
  EPERM: 'is not readable for this user',
};

/**
 * Reads a small text file that an operator has named.
 * @throws TypeError whose message is the end of a sentence that begins with "the file …"
 */
export function readSmallFile(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readAtMost(path, MAX_BYTES + 1);
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new TypeError(REASONS[code] ?? `can't be read: ${message}`, { cause });
  }
  if (bytes.length > MAX_BYTES) throw new TypeError(`is larger than ${MAX_BYTES / 1024} KiB`);
  return bytes.toString();
}

/** Reads in a loop, because a pipe returns its content in several pieces. */
function readAtMost(path: string, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    let read: number;
    do {
      read = readSync(file, bytes, length, size - length, null);
      length += read;
    } while (read > 0 && length < size);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
