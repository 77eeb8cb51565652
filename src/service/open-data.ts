import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tokens } from '../accounts/tokens.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { createDataFolder } from '../data-folder/check.ts';
import { findEncryptionKeys } from '../data-folder/encryption-keys.ts';
import { lockData } from '../data-folder/lock.ts';
import { encryptionKeyFile, tokenKeysFolder } from '../data-folder/paths.ts';
import { isOpenToOthers, restrictToOwner } from '../data-folder/permissions.ts';
import type { Logger } from '../logging/logger.ts';
import type { Stops } from '../platform/lifecycle.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { openStorage } from '../storage/open-storage.ts';

/** The opened database and token keys, which both the commands and the server need. */
export interface OpenedData {
  readonly storage: Storage;
  readonly tokens: Tokens;
}

/**
 * Opens the data for a command, which can run while a server runs. Creates the data folder, the keys and the
 * database if they are missing.
 */
export async function openStoredData(config: Config): Promise<OpenedData> {
  createDataFolder(config);
  return openInFolder(config);
}

/**
 * Opens the data for the server. Locks the data until the service stops, so that no other server can use it.
 * @throws DataInUseError if another server has locked the data
 */
export async function openServerData(config: Config, logger: Logger, stops: Stops): Promise<OpenedData> {
  createDataFolder(config);
  if (isOpenToOthers(config.dataDir))
    logger.warn({ dataDir: config.dataDir }, 'other users can read the data folder');
  stops.push(lockData(config));
  const opened = await openInFolder(config, (error) => exitWithoutStorage(logger, error));
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
async function openInFolder(config: Config, onStorageLost?: (error: Error) => void): Promise<OpenedData> {
  restrictToOwner(config);
  const { keys, createdFile } = await findEncryptionKeys(config);
  const [storage, tokens] = await Promise.all([
    openStorage(config.databaseUrl, keys, onStorageLost).catch((error) => {
      if (createdFile !== null && isKeyError(error)) rmSync(createdFile, { force: true });
      return refuseDatabase(config, error);
    }),
    Tokens.open(tokenKeysFolder(config.dataDir)),
  ]);
  return { storage, tokens };
}

/**
 * Recognizes the error by its code. Its class is lost when the error passes from the database's
 * thread to this thread.
 */
function isKeyError(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_ENCRYPTION_KEY';
}

function refuseDatabase({ databaseUrl, dataDir, encryptionKey }: Config, error: Error): never {
  if (isKeyError(error)) {
    const place = encryptionKey === null ? `; the key was in ${encryptionKeyFile(dataDir)}` : '';
    throw new ConfigError(`MEDIAHOOKS_ENCRYPTION_KEY: ${error.message}${place}`, { cause: error });
  }
  if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error;
  const file = fileURLToPath(databaseUrl);
  throw new ConfigError(`MEDIAHOOKS_DATABASE_URL: ${file} can't be opened: ${error.message}`, {
    cause: error,
  });
}
