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
  /** Called once if the storage ends although `close` was not called; afterwards, every call rejects. */
  readonly onLost?: (error: Error) => void;
}

/**
 * Opens the storage that `url` names, and migrates the database to the newest schema. Rejects with an error
 * whose `code` is `ERR_SCHEMA`, and changes nothing, if the database has a schema that this version does not
 * know; `ERR_MIGRATION_NEEDED` if it would have to be migrated and `mayMigrate` is false;
 * `ERR_ENCRYPTION_KEY` if a key that it needs is not given.
 * @param url `file:` and the absolute path of a SQLite database
 */
export function openStorage(url: URL, { onLost, ...options }: OpenOptions): Promise<Storage> {
  if (!isStorageUrl(url))
    throw new TypeError(`expected a file: URL of a SQLite database, got ${url.protocol}`);
  return openRemoteSqliteStorage({ file: fileURLToPath(url), ...options }, onLost);
}
