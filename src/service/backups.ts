import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BackupError } from '../backup/backup-error.ts';
import { type BackupOptions, makeBackup } from '../backup/make-backup.ts';
import { DATABASE_NAME, type Manifest } from '../backup/manifest.ts';
import { restoreBackup } from '../backup/restore-backup.ts';
import type { Config } from '../config/config.ts';
import { createDataFolder, requireData } from '../data-folder/check.ts';
import { lockData } from '../data-folder/lock.ts';
import { encryptionKeyFile } from '../data-folder/paths.ts';
import { copyStorage } from '../storage/open-storage.ts';
import { openAsItIs } from './open-data.ts';

/** Options of a backup that do not follow from the settings. */
export type WantedBackup = Omit<BackupOptions, 'hasEncryptionKey'> & {
  /** Whether the data folder's encryption key is left out, because the operator keeps it elsewhere. */
  readonly isWithoutKey: boolean;
  /** Version of the program. */
  readonly version: string;
};

/** Makes a backup of the data while a server may run. */
export async function backUp(
  config: Config,
  { version, isWithoutKey, ...options }: WantedBackup,
): Promise<Manifest> {
  requireData(config);
  const hasEncryptionKey = config.encryptionKey === null && !isWithoutKey;
  const { storage: live } = await openAsItIs(config);
  try {
    return await makeBackup(
      {
        dataDir: config.dataDir,
        live,
        copyDatabase: (file) => copyStorage(config.databaseUrl, file).catch(refuseCopy),
        openCopy: async (dir) => (await openAsItIs(configOf(config, dir, hasEncryptionKey))).storage,
        version,
        now: Date.now,
      },
      { ...options, hasEncryptionKey },
    );
  } finally {
    await live.close();
  }
}

/** Returns the settings with which the data in a backup can be opened, as the data folder that it is. */
function configOf(config: Config, dir: string, hasEncryptionKey: boolean): Config {
  const elsewhere = config.encryptionKey ?? { keys: [], file: encryptionKeyFile(config.dataDir) };
  return {
    ...config,
    dataDir: dir,
    databaseUrl: pathToFileURL(join(dir, DATABASE_NAME)),
    encryptionKey: hasEncryptionKey ? null : elsewhere,
  };
}

function refuseCopy(cause: Error): never {
  throw new BackupError(`the database can't be copied: ${cause.message}`, { cause });
}

/** Restores a backup into the data folder of the settings, which must be empty. */
export function restore(config: Config, dir: string): Promise<Manifest> {
  const createAndLock = () => {
    createDataFolder(config);
    return lockData(config);
  };
  return restoreBackup(dir, { ...config, createAndLock });
}
