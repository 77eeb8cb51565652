import { join } from 'node:path';
import type { Config } from '../config/config.ts';

/** Settings that say where the data is. The database can be outside of the data folder. */
export type DataPlaces = Pick<Config, 'dataDir' | 'databaseUrl'>;

/** Returns the folder that holds one directory for each media. */
export function mediaRoot(dataDir: string): string {
  return join(dataDir, 'media');
}

/** Returns the folder of the keys that sign bearer tokens. */
export function tokenKeysFolder(dataDir: string): string {
  return join(dataDir, 'token-keys');
}

/**
 * Returns the file to which a command writes after it has revoked credentials. Running servers watch the
 * file, because they might have the credentials in their caches.
 */
export function revocationFile(dataDir: string): string {
  return join(dataDir, 'revocations');
}

/** Returns the file of the key that signs links to the files of media that are not public. */
export function linkKeyFile(dataDir: string): string {
  return join(dataDir, 'link-key');
}

/**
 * Returns the file of the keys that encrypt secrets in the database. The file is used only if the operator
 * sets no key.
 */
export function encryptionKeyFile(dataDir: string): string {
  return join(dataDir, 'encryption-key');
}

/**
 * Returns the file that marks a data folder into which a backup is being restored. A start refuses such a
 * folder.
 */
export function restoreMarker(dataDir: string): string {
  return join(dataDir, 'restore-unfinished');
}

/** Returns the file that a server locks, so that a second server can't use the same data folder. */
export function serverLockFile(dataDir: string): string {
  return join(dataDir, 'server.lock');
}
