import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tokens } from '../accounts/tokens.ts';
import { type Config, ConfigError } from '../config/config.ts';
import { findEncryptionKeys } from '../data-folder/encryption-keys.ts';
import { closeToOthers, encryptionKeyFile, makeDataDir, tokenKeysFolder } from '../data-folder/paths.ts';
import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { openStorage } from '../storage/open-storage.ts';

/** What the command line and the server both need. */
export interface OpenedData {
  readonly storage: Storage;
  readonly tokens: Tokens;
}

/** Opens the data folder's storage and keys, and makes what is missing. */
export async function openStoredData(
  config: Config,
  onStorageLost?: (error: Error) => void,
): Promise<OpenedData> {
  makeDataDir(config);
  closeToOthers(config);
  const { keys, madeFile } = await findEncryptionKeys(config);
  const [storage, tokens] = await Promise.all([
    openStorage(config.databaseUrl, keys, onStorageLost).catch((error) => {
      if (madeFile !== null && isKeyError(error)) rmSync(madeFile, { force: true });
      return refuseDatabase(config, error);
    }),
    Tokens.open(tokenKeysFolder(config.dataDir)),
  ]);
  return { storage, tokens };
}

/** The class does not survive the way from the database's thread. */
function isKeyError(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_ENCRYPTION_KEY';
}

function refuseDatabase({ databaseUrl, dataDir, encryptionKey }: Config, error: Error): never {
  if (isKeyError(error)) {
    const place = encryptionKey === null ? `; it was in ${encryptionKeyFile(dataDir)}` : '';
    throw new ConfigError(`MEDIAHOOKS_ENCRYPTION_KEY: ${error.message}${place}`, { cause: error });
  }
  if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error;
  const file = fileURLToPath(databaseUrl);
  throw new ConfigError(`MEDIAHOOKS_DATABASE_URL: ${file} can't be opened: ${error.message}`, {
    cause: error,
  });
}

/** What all parts of the service are given. */
export interface SharedParts {
  readonly storage: Storage;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
