import { chmodSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { mediaRoot } from './media/media-files.ts';

/** SQLite's result code for a lock that somebody else holds: https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;
/** Read, write or search by anybody but the owner. */
const OTHERS = 0o077;

/** Says that another server works on the same data. */
export class DataInUseError extends Error {
  override readonly name = 'DataInUseError';
}

/** Makes the data folder, readable by its owner alone: it holds keys and secrets. */
export function makeDataDir(dataDir: string): void {
  mkdirSync(mediaRoot(dataDir), { recursive: true, mode: 0o700 });
}

/** The key that signs bearer tokens. */
export function tokenKeyFile(dataDir: string): string {
  return join(dataDir, 'token-key.json');
}

/** Whether others than its owner may look into the data folder, which may have been made by others than us. */
export function isOpenToOthers(dataDir: string): boolean {
  return (statSync(dataDir).mode & OTHERS) !== 0;
}

/**
 * Takes what was made readable by others out of their hands: the database, with what SQLite keeps beside it, and the
 * signing key. What is made from now on is the caller's umask's to keep.
 */
export function closeToOthers({ dataDir, databaseUrl }: { dataDir: string; databaseUrl: URL }): void {
  const database = fileURLToPath(databaseUrl);
  for (const file of [database, `${database}-wal`, `${database}-shm`, tokenKeyFile(dataDir)]) {
    const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
    if ((mode & OTHERS) !== 0) chmodSync(file, mode & 0o700);
  }
}

/**
 * Keeps a second server off the data folder and off the database, wherever that is: it would send and encode
 * everything twice. @returns what lifts the locks. @throws DataInUseError
 */
export function lockData({ dataDir, databaseUrl }: { dataDir: string; databaseUrl: URL }): () => void {
  const unlockDir = lock(join(dataDir, 'server.lock'), `the data folder ${dataDir}`);
  const database = realFile(fileURLToPath(databaseUrl));
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

/** A lock of SQLite's on a file of its own, so that the operating system lifts it however the process ends. */
function lock(file: string, what: string): () => void {
  const connection = new DatabaseSync(file);
  try {
    connection.exec('begin exclusive');
  } catch (cause) {
    connection.close();
    // A full disk, say, is another matter.
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    throw new DataInUseError(`another server is running on ${what}`, { cause });
  }
  return () => connection.close();
}

/** The file itself, whatever links lead to it. */
function realFile(file: string): string {
  const exists = statSync(file, { throwIfNoEntry: false }) !== undefined;
  return exists ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}
