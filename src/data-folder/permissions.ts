import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DataPlaces, encryptionKeyFile, linkKeyFile, tokenKeysFolder } from './paths.ts';
import { statIfPresent } from './stat-if-present.ts';

/**
 * Permission bits of users other than the owner: read, write and execute, for the group and for all others.
 */
const OTHERS = 0o077;

/**
 * Returns whether users other than the owner have access to the data folder. This happens if another program
 * has created the folder with wider permissions.
 */
export function isOpenToOthers(dataDir: string): boolean {
  return (statSync(dataDir).mode & OTHERS) !== 0;
}

/**
 * Removes the permissions of other users from the database, from SQLite's files beside the database, and from
 * the keys. Files that are created later are protected by the umask of the process.
 */
export function restrictToOwner({ dataDir, databaseUrl }: DataPlaces): void {
  const database = fileURLToPath(databaseUrl);
  const keys = tokenKeysFolder(dataDir);
  const hasKeys = statIfPresent(keys)?.isDirectory();
  const keyFiles = hasKeys ? readdirSync(keys).map((name) => join(keys, name)) : [];
  for (const file of [
    database,
    `${database}-wal`,
    `${database}-shm`,
    linkKeyFile(dataDir),
    encryptionKeyFile(dataDir),
    keys,
    ...keyFiles,
  ]) {
    const mode = statIfPresent(file)?.mode ?? 0;
    if ((mode & OTHERS) !== 0) chmodSync(file, mode & 0o700);
  }
}
