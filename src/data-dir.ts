import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mediaRoot } from './media/media-files.ts';

/** SQLite's result code for a lock that somebody else holds: https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** Says that another server works on the same data folder. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';
}

/** Makes the data folder, readable by its owner alone: it holds keys and secrets. */
export function makeDataDir(dataDir: string): void {
  mkdirSync(mediaRoot(dataDir), { recursive: true, mode: 0o700 });
}

/** The key that signs bearer tokens. */
export function tokenKeyFile(dataDir: string): string {
  return join(dataDir, 'token-key.json');
}

/**
 * Keeps a second server off the data folder, which would send and encode everything twice. The lock is SQLite's
 * on a file of its own, so that the operating system lifts it however the process ends.
 * @returns what lifts the lock. @throws DataDirInUseError
 */
export function lockDataDir(dataDir: string): () => void {
  const lock = new DatabaseSync(join(dataDir, 'server.lock'));
  try {
    lock.exec('begin exclusive');
  } catch (cause) {
    lock.close();
    // A full disk, say, is another matter.
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    throw new DataDirInUseError(`another server is running on the data folder ${dataDir}`, { cause });
  }
  return () => lock.close();
}
