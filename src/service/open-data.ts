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

/** The stored data, with which both the commands and the server work. */
export interface OpenedData {
  readonly storage: Storage;
  readonly tokens: Tokens;
}

/** Opens the data for a command, which may run beside a server. Creates a folder, keys or database that is missing. */
export async function openStoredData(config: Config): Promise<OpenedData> {
  createDataFolder(config);
  return openInFolder(config);
}

/** Opens the data for the server. The locks keep other servers off the data until the stop. @throws DataInUseError */
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
 * Ends the process, because without its storage the service can do nothing, not even stop in good order. Everything that
 * was accepted is durable, so the next start, most likely by a supervisor, continues.
 */
function exitWithoutStorage(logger: Logger, error: Error): never {
  logger.fatal({ err: error }, 'the database connection is lost; the process exits and must be restarted');
  process.exit(1);
}

/** Opens the data in a folder that exists, and restricts access to what another program may have created there. */
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

/** Recognizes the error by its code, because its class is lost between the database's thread and this one. */
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
