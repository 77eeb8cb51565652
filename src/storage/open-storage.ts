import { fileURLToPath } from 'node:url';
import type { Storage } from './contracts/storage.ts';
import type { EncryptionKeys } from './encryption/key-ring.ts';
import { openRemoteSqliteStorage } from './sqlite/thread/client.ts';

/** Returns whether a storage backend exists for `url`. */
export function isStorageUrl(url: URL): boolean {
  return url.protocol === 'file:';
}

/**
 * Opens the storage that `url` names, and migrates the database to the newest schema.
 * @param url `file:` and the absolute path of a SQLite database
 * @param keys keys that encrypt the credentials of webhooks in the database
 * @param onLost called once if the storage ends although `close` was not called; afterwards, every call
 * rejects
 */
export function openStorage(
  url: URL,
  keys: EncryptionKeys,
  onLost?: (error: Error) => void,
): Promise<Storage> {
  if (!isStorageUrl(url))
    throw new TypeError(`expected a file: URL of a SQLite database, got ${url.protocol}`);
  return openRemoteSqliteStorage({ file: fileURLToPath(url), keys }, onLost);
}
