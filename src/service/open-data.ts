import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tokens } from '../accounts/tokens.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { createDataFolder } from '../data-folder/check.ts';
import { DataFileError } from '../data-folder/data-file-error.ts';
import { findEncryptionKeys } from '../data-folder/encryption-keys.ts';
import { DataInUseError, lockData } from '../data-folder/lock.ts';
import { encryptionKeyFile, restoreMarker, tokenKeysFolder } from '../data-folder/paths.ts';
import { isOpenToOthers, restrictDatabase, restrictKeys } from '../data-folder/permissions.ts';
import { statIfPresent } from '../data-folder/stat-if-present.ts';
import type { Logger } from '../logging/logger.ts';
import type { Stops } from '../platform/lifecycle.ts';
import { RETRY_MS, retry } from '../platform/retry.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { type OpenOptions, openStorage } from '../storage/open-storage.ts';

/** Signal that is never aborted. */
const NEVER = new AbortController().signal;

/** The opened database and token keys, which both the commands and the server need. */
export interface OpenedData {
  readonly storage: Storage;
  readonly tokens: Tokens;
}

/**
 * Opens the data for a command, which can run while a server runs. Creates the data folder, the keys and the
 * database if they are missing. A database of an older version is migrated only if no server runs, because
 * that server might be of the older version.
 * @param isLocked whether the caller has locked the data (`lockData`)
 */
export async function openStoredData(
  config: Config,
  { isLocked = false }: { readonly isLocked?: boolean } = {},
): Promise<OpenedData> {
  createDataFolder(config);
  refuseUnfinished(config);
  if (isLocked) return openInFolder(config, { inThreads: false });
  try {
    return await openInFolder(config, { mayMigrate: false, inThreads: false });
  } catch (error) {
    if (codeOf(error) !== 'ERR_MIGRATION_NEEDED') throw error;
    return migrateAndOpen(config, error);
  }
}

/** Locks the data while the database is migrated, and then opens the data. */
async function migrateAndOpen(config: Config, needed: unknown): Promise<OpenedData> {
  const unlock = lockIfFree(config, needed);
  try {
    return await openInFolder(config, { inThreads: false });
  } finally {
    unlock();
  }
}

function lockIfFree(config: Config, cause: unknown): () => void {
  try {
    return lockData(config);
  } catch (error) {
    if (!(error instanceof DataInUseError)) throw error;
    const file = fileURLToPath(config.databaseUrl);
    throw new DataInUseError(
      `${file} has the schema of an older version, and a server is running on it: use the command of that version, or stop the server first`,
      { cause },
    );
  }
}

export interface ServerDataOptions {
  readonly logger: Logger;
  /** An abort of this signal ends the wait for a lock of another program. */
  readonly signal?: AbortSignal | undefined;
  /** Maximum number of milliseconds to wait for a lock of another process. Only tests set it. */
  readonly busyTimeoutMs?: number | undefined;
  /** Called for each call of an account that is refused because too many of its calls wait for the database. */
  readonly onRefused: () => void;
  /** Called while the thread of the database opens the database, to use the time. May be called several times. */
  readonly meanwhile?: () => void;
}

/**
 * Opens existing data without migrating it.
 * @throws DataFileError if the database is of an older version
 */
export async function openAsItIs(config: Config): Promise<OpenedData> {
  refuseUnfinished(config);
  try {
    return await openInFolder(config, { mayMigrate: false, inThreads: false });
  } catch (error) {
    if (codeOf(error) !== 'ERR_MIGRATION_NEEDED') throw error;
    const file = fileURLToPath(config.databaseUrl);
    throw new DataFileError(
      `${file} has the schema of an older version: use the command of that version, or start the service with this version first`,
      { cause: error },
    );
  }
}

function refuseUnfinished({ dataDir }: Config): void {
  if (!statIfPresent(restoreMarker(dataDir))) return;
  throw new DataFileError(
    `the restore into ${dataDir} is running or was interrupted: wait for its end, or empty the folder and restore again`,
  );
}

/**
 * Opens the data for the server. Locks the data until the service stops, so that no other server can use it.
 * Waits while another program, such as a backup, keeps the database locked.
 * @throws DataInUseError if another server has locked the data
 */
export async function openServerData(
  config: Config,
  { logger, signal = NEVER, busyTimeoutMs, onRefused, meanwhile }: ServerDataOptions,
  stops: Stops,
): Promise<OpenedData> {
  createDataFolder(config);
  refuseUnfinished(config);
  if (isOpenToOthers(config.dataDir))
    logger.warn({ dataDir: config.dataDir }, 'other users can read the data folder');
  stops.push(lockData(config));
  const onLost = (error: Error) => exitWithoutStorage(logger, error);
  const options = { onLost, onRefused, ...(busyTimeoutMs !== undefined && { busyTimeoutMs }) };
  const opened = await retry(() => openInFolder(config, options, meanwhile), {
    delayAfter: (tried) => {
      if (tried.status === 'fulfilled' || !isDatabaseLocked(tried.reason)) return null;
      logger.warn({ reason: tried.reason.message }, 'the start waits until the database can be opened');
      return RETRY_MS;
    },
    signal,
    onAbort: 'reject',
  });
  stops.push(() => opened.storage.close());
  return opened;
}

/**
 * Ends the process after the database connection was lost. Without its storage, the service can't even stop
 * in good order. All accepted data is durable, so the service continues after the next start. Usually, a
 * supervisor starts the service again.
 */
function exitWithoutStorage(logger: Logger, error: Error): never {
  logger.fatal({ err: error }, 'the database connection is lost; the process exits and must be restarted');
  process.exit(1);
}

/**
 * Opens the data in an existing folder. First removes the permissions of other users from files that another
 * program might have created in the folder.
 */
async function openInFolder(
  config: Config,
  options: Omit<OpenOptions, 'keys'> = {},
  meanwhile: () => void = () => undefined,
): Promise<OpenedData> {
  restrictKeys(config.dataDir);
  const { keys, createdFile } = await findEncryptionKeys(config);
  const opening = Promise.allSettled([
    openStorage(config.databaseUrl, { keys, ...options }),
    Tokens.open(tokenKeysFolder(config.dataDir)),
  ]);
  meanwhile();
  const [storage, tokens] = await opening;
  if (storage.status === 'rejected') {
    const isRefused = ['ERR_ENCRYPTION_KEY', 'ERR_SCHEMA'].includes(codeOf(storage.reason));
    if (createdFile !== null && isRefused) rmSync(createdFile, { force: true });
    return refuseDatabase(config, storage.reason);
  }
  if (tokens.status === 'rejected') {
    // Otherwise the thread of the storage would keep the process running.
    await storage.value.close();
    throw tokens.reason;
  }
  restrictDatabase(config.databaseUrl);
  return { storage: storage.value, tokens: tokens.value };
}

/** Returns whether the data could not be opened because another program keeps the database locked. */
function isDatabaseLocked(error: unknown): error is Error {
  return error instanceof ConfigError && codeOf(error.cause) === 'ERR_DATABASE_LOCKED';
}

/** Errors are recognized by their codes, because an error from the database's thread has lost its class. */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

function refuseDatabase({ databaseUrl, dataDir, encryptionKey }: Config, error: Error): never {
  const file = fileURLToPath(databaseUrl);
  const refuse = (message: string) => new ConfigError(message, { cause: error });
  switch (codeOf(error)) {
    case 'ERR_ENCRYPTION_KEY': {
      const place = encryptionKey === null ? `; the key was in ${encryptionKeyFile(dataDir)}` : '';
      throw refuse(`MEDIAHOOKS_ENCRYPTION_KEY: ${error.message}${place}`);
    }
    case 'ERR_SCHEMA':
    case 'ERR_DATABASE_LOCKED':
      throw refuse(`MEDIAHOOKS_DATABASE_URL: ${file} ${error.message}`);
    case 'ERR_SQLITE_ERROR':
      throw refuse(`MEDIAHOOKS_DATABASE_URL: ${file} can't be opened: ${error.message}`);
    default:
      throw error;
  }
}
