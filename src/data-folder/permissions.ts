import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encryptionKeyFile, linkKeyFile, tokenKeysFolder } from './paths.ts';
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

/** Removes the permissions of other users from the keys, which another program might have created. */
export function restrictKeys(dataDir: string): void {
  const keys = tokenKeysFolder(dataDir);
  const hasKeys = statIfPresent(keys)?.isDirectory();
  const keyFiles = hasKeys ? readdirSync(keys).map((name) => join(keys, name)) : [];
  restrict([linkKeyFile(dataDir), encryptionKeyFile(dataDir), keys, ...keyFiles]);
}

/**
 * Removes the permissions of other users from the database, and from SQLite's files beside it. Files that are
 * created later are protected by the umask of the process. Must be called when the database was opened, because
 * a database that is refused might belong to another program.
 */
export function restrictDatabase(databaseUrl: URL): void {
  const database = fileURLToPath(databaseUrl);
  restrict([database, `${database}-wal`, `${database}-shm`, `${database}.journal`]);
}

function restrict(files: readonly string[]): void {
  for (const file of files) {
    const mode = statIfPresent(file)?.mode ?? 0;
    if ((mode & OTHERS) !== 0) chmodSync(file, mode & 0o700);
  }
}
