import { fileURLToPath } from 'node:url';
import type { Storage } from './contracts/storage.ts';
import type { EncryptionKeys } from './encryption/key-ring.ts';
import { openRemoteSqliteStorage } from './sqlite/thread/client.ts';

/** Whether `url` names a backend that there is. */
export function isStorageUrl(url: URL): boolean {
  return url.protocol === 'file:';
}

/**
 * Opens the storage that `url` names, migrated to the newest schema.
 * @param url `file:` and the absolute path of a SQLite database
 * @param keys encrypt what is secret
 * @param onLost called once when the storage is gone for good though nobody closed it
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
