import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { DataFileError } from './data-file-error.ts';
import { type DataPlaces, serverLockFile } from './paths.ts';
import { statIfPresent } from './stat-if-present.ts';

/** SQLite's result code for a lock that another connection holds: https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** Error that says that another server works on the same data. */
export class DataInUseError extends Error {
  override readonly name = 'DataInUseError';
}

/**
 * Locks the data folder and the database, which can be outside of the data folder. Without the locks, a
 * second server on the same data would send every webhook and encode every media twice.
 * @returns a function that releases the locks
 * @throws DataInUseError
 */
export function lockData({ dataDir, databaseUrl }: DataPlaces): () => void {
  const unlockDir = lock(serverLockFile(dataDir), `the data folder ${dataDir}`);
  const database = withoutLinks(fileURLToPath(databaseUrl));
  try {
    const unlockDatabase = lock(`${database}.lock`, `the database ${database}`);
    return () => {
      unlockDatabase();
      unlockDir();
    };
  } catch (error) {
    unlockDir();
    throw error;
  }
}

/**
 * Locks `file` through SQLite. The operating system releases the lock when the process ends, even if the
 * process is killed.
 * @returns a function that releases the lock
 */
function lock(file: string, lockedThing: string): () => void {
  const connection = openLock(file);
  try {
    connection.exec('begin exclusive');
  } catch (cause) {
    connection.close();
    // No other error means that another server is running. An example is a full disk.
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw unusable(file, cause);
    throw new DataInUseError(`another server is running on ${lockedThing}`, { cause });
  }
  return () => connection.close();
}

function openLock(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file);
  } catch (cause) {
    throw unusable(file, cause);
  }
}

function unusable(file: string, cause: unknown): DataFileError {
  return new DataFileError(`${file} can't be locked: ${(cause as Error).message}`, { cause });
}

/** Returns the path of `file` with symbolic links resolved. The file itself is allowed to be missing. */
function withoutLinks(file: string): string {
  const exists = statIfPresent(file) !== undefined;
  return exists ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}
