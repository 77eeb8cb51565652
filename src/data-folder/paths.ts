import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readdirSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { type Config, ConfigError } from '../config/config.ts';
import type { SettingName } from '../config/settings.ts';
import { mediaRoot } from '../media/files/media-files.ts';

/** SQLite's result code for a lock that somebody else holds: https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;
/** Read, write or search by anybody but the owner. */
const OTHERS = 0o077;

/** Says that another server works on the same data. */
export class DataInUseError extends Error {
  override readonly name = 'DataInUseError';
}

/** Where the data lies. */
type Places = Pick<Config, 'dataDir' | 'databaseUrl'>;

/** Throws `ConfigError` for a folder that could not be used. Makes nothing. */
export function checkPlaces({ dataDir, databaseUrl }: Places): void {
  let existing = dataDir;
  while (!statOf(existing)) existing = dirname(existing);
  checkFolder('MEDIAHOOKS_DATA_DIR', existing);
  const database = fileURLToPath(databaseUrl);
  if (dirname(database) !== dataDir) checkFolder('MEDIAHOOKS_DATABASE_URL', dirname(database));
  if (statOf(database)?.isDirectory())
    throw new ConfigError(`MEDIAHOOKS_DATABASE_URL: expected a file, and ${database} is a folder`);
}

function checkFolder(setting: SettingName, folder: string): void {
  const found = statOf(folder);
  if (!found) throw new ConfigError(`${setting}: the folder ${folder} does not exist`);
  if (!found.isDirectory()) throw new ConfigError(`${setting}: expected a folder, and ${folder} is a file`);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ConfigError(`${setting}: the folder ${folder} can't be written to`, { cause });
  }
}

/** For what works on accounts that there are. Makes nothing. @throws ConfigError where there is no data yet */
export function requireData({ dataDir, databaseUrl }: Places): void {
  for (const place of [dataDir, fileURLToPath(databaseUrl)]) {
    if (statOf(place)) continue;
    const setting = place === dataDir ? 'MEDIAHOOKS_DATA_DIR' : 'MEDIAHOOKS_DATABASE_URL';
    throw new ConfigError(
      `${setting}: ${place} does not exist; the first start, or the first account, makes it`,
    );
  }
}

/** Makes the data folder, readable by its owner alone: it holds keys and secrets. @throws ConfigError */
export function makeDataDir(places: Places): void {
  checkPlaces(places);
  makeFolder(mediaRoot(places.dataDir));
}

/** Node's own `recursive` never returns where the kernel lets no folder be made, below /proc for one. */
function makeFolder(folder: string): void {
  if (statOf(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    // Another process may have been faster.
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new ConfigError(`MEDIAHOOKS_DATA_DIR: the folder ${folder} can't be made`, { cause });
  }
}

/** The folder of the keys that sign bearer tokens. */
export function tokenKeysFolder(dataDir: string): string {
  return join(dataDir, 'token-keys');
}

/** What commands write to when they refuse credentials that a running server may remember. */
export function revocationFile(dataDir: string): string {
  return join(dataDir, 'revocations');
}

/** The key that signs links to the files of media that are not public. */
export function linkKeyFile(dataDir: string): string {
  return join(dataDir, 'link-key');
}

/** The keys that encrypt what is secret in the database, where the operator gives none. */
export function encryptionKeyFile(dataDir: string): string {
  return join(dataDir, 'encryption-key');
}

/** Whether others than its owner may look into the data folder, which may have been made by others than us. */
export function isOpenToOthers(dataDir: string): boolean {
  return (statSync(dataDir).mode & OTHERS) !== 0;
}

/**
 * Takes what was made readable by others out of their hands: the database, with what SQLite keeps beside it, and the
 * keys. What is made from now on is the caller's umask's to keep.
 */
export function closeToOthers({ dataDir, databaseUrl }: Places): void {
  const database = fileURLToPath(databaseUrl);
  const keys = tokenKeysFolder(dataDir);
  const keyFiles = statOf(keys)?.isDirectory() ? readdirSync(keys).map((name) => join(keys, name)) : [];
  for (const file of [
    database,
    `${database}-wal`,
    `${database}-shm`,
    linkKeyFile(dataDir),
    encryptionKeyFile(dataDir),
    keys,
    ...keyFiles,
  ]) {
    const mode = statOf(file)?.mode ?? 0;
    if ((mode & OTHERS) !== 0) chmodSync(file, mode & 0o700);
  }
}

/**
 * Keeps a second server off the data folder and off the database, wherever that is: it would send and encode
 * everything twice. @returns what lifts the locks. @throws DataInUseError
 */
export function lockData({ dataDir, databaseUrl }: Places): () => void {
  const unlockDir = lock(join(dataDir, 'server.lock'), `the data folder ${dataDir}`);
  const database = realFile(fileURLToPath(databaseUrl));
  try {
    const unlockDatabase = lock(`${database}.lock`, `the database ${database}`);
    return () => {
      unlockDatabase();
      unlockDir();
    };
  } catch (error) {
    unlockDir();
    throw error;
  }
}

/** A lock of SQLite's on a file of its own, so that the operating system lifts it however the process ends. */
function lock(file: string, what: string): () => void {
  const connection = new DatabaseSync(file);
  try {
    connection.exec('begin exclusive');
  } catch (cause) {
    connection.close();
    // A full disk, say, is another matter.
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    throw new DataInUseError(`another server is running on ${what}`, { cause });
  }
  return () => connection.close();
}

/** The file itself, whatever links lead to it. */
function realFile(file: string): string {
  const exists = statOf(file) !== undefined;
  return exists ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}

/** Undefined for what is not there, or hidden from us. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
