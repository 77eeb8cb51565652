import { ServiceError } from '../../../domain/errors.ts';

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html */
const FULL = 13;
const BUSY = 5;
const LOCKED = 6;
/**
 * Codes of conditions that can pass by themselves: no memory, a file system that was mounted read-only, an I/O
 * error, a file that could not be opened, and a lock of the write-ahead log that could not be taken.
 */
const PASSING: ReadonlySet<number> = new Set([7, 8, 10, 14, 15]);

/** Returns whether `error` says that another process has locked the database. */
export function isLocked(error: unknown): boolean {
  const code = resultCodeOf(error);
  return code === BUSY || code === LOCKED;
}

/**
 * Throws the error that the storage's contract names for an error of SQLite, or `error` itself. `cause` tells
 * the operator what SQLite said.
 */
export function asStorageError(error: unknown): never {
  const code = resultCodeOf(error);
  if (code === FULL)
    throw new ServiceError('storage_full', 'the disk that holds the database is full', { cause: error });
  if (isLocked(error)) {
    const message = 'another program has locked the database; nothing of the request was stored';
    throw new ServiceError('unavailable', message, { cause: error });
  }
  if (code !== null && PASSING.has(code)) {
    const message = 'the database can not be used at present; nothing of the request was stored';
    throw new ServiceError('unavailable', message, { cause: error });
  }
  throw error;
}

function resultCodeOf(error: unknown): number | null {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : null;
}
