import { fileURLToPath } from 'node:url';
import type { Storage } from './contracts/storage.ts';
import type { EncryptionKeys } from './encryption/key-ring.ts';
import { openRemoteSqliteStorage } from './sqlite/thread/client.ts';

/** Returns whether a storage backend exists for `url`. */
export function isStorageUrl(url: URL): boolean {
  return url.protocol === 'file:';
}

export interface OpenOptions {
  /** Keys that encrypt the credentials of webhooks in the database. */
  readonly keys: EncryptionKeys;
  /** Whether the database of an older version is migrated, or refused. Default: it is migrated. */
  readonly mayMigrate?: boolean;
  /**
   * Whether the database runs in threads of its own, so that it never holds up the calling thread. Default:
   * true. A command has nothing else to do meanwhile, and saves the time in which threads load their code.
   */
  readonly inThreads?: boolean;
  /** Maximum number of milliseconds to wait for a lock of another process. Only tests set it. */
  readonly busyTimeoutMs?: number;
  /** Called once if the storage ends although `close` was not called; afterwards, every call rejects. */
  readonly onLost?: (error: Error) => void;
  /** Called for each call of an account that is refused because too many of its calls wait. */
  readonly onRefused?: () => void;
}

/**
 * Opens the storage that `url` names, and migrates the database to the newest schema. Rejects with an error
 * whose `code` is `ERR_SCHEMA`, and changes nothing, if the database has a schema that this version does not
 * know; `ERR_MIGRATION_NEEDED` if it would have to be migrated and `mayMigrate` is false;
 * `ERR_DATABASE_LOCKED` if another program keeps it locked; `ERR_ENCRYPTION_KEY` if a key that it needs is not given.
 * @param url `file:` and the absolute path of a SQLite database
 */
export async function openStorage(
  url: URL,
  { onLost, onRefused, inThreads = true, ...options }: OpenOptions,
): Promise<Storage> {
  if (!isStorageUrl(url))
    throw new TypeError(`expected a file: URL of a SQLite database, got ${url.protocol}`);
  const sqlite = { file: fileURLToPath(url), ...options };
  // The code of SQLite is loaded only where the database runs.
  if (!inThreads) return (await import('./sqlite/sqlite-storage.ts')).openSqliteStorage(sqlite);
  return openRemoteSqliteStorage(sqlite, { onLost, onRefused });
}

/**
 * Copies the database that `url` names into the new file `to`, as it is at one moment, and checks the copy.
 * Other processes may use the database meanwhile.
 */
export async function copyStorage(url: URL, to: string): Promise<void> {
  await (await import('./sqlite/backup/copy-database.ts')).copyDatabase(fileURLToPath(url), to);
}
