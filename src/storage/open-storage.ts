import { fileURLToPath } from 'node:url';
import type { Storage } from './contracts/storage.ts';
import type { EncryptionKeys } from './encryption/key-ring.ts';
import { openRemoteSqliteStorage } from './sqlite/thread/client.ts';

/** Whether there is a backend for `url`. */
export function isStorageUrl(url: URL): boolean {
  return url.protocol === 'file:';
}

/**
 * Opens the storage that `url` names, and migrates it to the newest schema.
 * @param url `file:` and the absolute path of a SQLite database
 * @param keys encrypt secrets
 * @param onLost called once if the storage ends by itself, without `close`; it can't be used any more then
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
