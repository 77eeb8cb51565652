import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DataPlaces, encryptionKeyFile, linkKeyFile, tokenKeysFolder } from './paths.ts';
import { statIfPresent } from './stat-if-present.ts';

/** Permission bits that let users other than the owner read, write or search. */
const OTHERS = 0o077;

/** Returns whether other users may read the data folder. It may have been created by another program with other permissions. */
export function isOpenToOthers(dataDir: string): boolean {
  return (statSync(dataDir).mode & OTHERS) !== 0;
}

/**
 * Removes the permissions of other users from the database, the files that SQLite keeps beside it, and the keys.
 * The caller's umask protects files that are created later.
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
