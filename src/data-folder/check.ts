import { accessSync, constants, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../config/config-error.ts';
import type { SettingName } from '../config/settings.ts';
import { type DataPlaces, mediaRoot } from './paths.ts';
import { statIfPresent } from './stat-if-present.ts';

/**
 * Checks that the data folder and the database can be used. If the data folder is missing, checks its nearest
 * existing parent folder. Creates nothing.
 * @throws ConfigError
 */
export function checkPlaces({ dataDir, databaseUrl }: DataPlaces): void {
  let existing = dataDir;
  while (!statIfPresent(existing)) existing = dirname(existing);
  checkFolder('MEDIAHOOKS_DATA_DIR', existing);
  const database = fileURLToPath(databaseUrl);
  if (dirname(database) !== dataDir) checkFolder('MEDIAHOOKS_DATABASE_URL', dirname(database));
  if (statIfPresent(database)?.isDirectory())
    throw new ConfigError(`MEDIAHOOKS_DATABASE_URL: expected a file, but ${database} is a folder`);
}

function checkFolder(setting: SettingName, folder: string): void {
  const found = statIfPresent(folder);
  if (!found) throw new ConfigError(`${setting}: the folder ${folder} does not exist`);
  if (!found.isDirectory()) throw new ConfigError(`${setting}: expected a folder, but ${folder} is a file`);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new ConfigError(`${setting}: the folder ${folder} is not writable`, { cause });
  }
}

/**
 * Checks that the data folder and the database exist. Commands that must not create data call this first.
 * @throws ConfigError if one of them is missing
 */
export function requireData({ dataDir, databaseUrl }: DataPlaces): void {
  for (const place of [dataDir, fileURLToPath(databaseUrl)]) {
    if (statIfPresent(place)) continue;
    const setting = place === dataDir ? 'MEDIAHOOKS_DATA_DIR' : 'MEDIAHOOKS_DATABASE_URL';
    throw new ConfigError(
      `${setting}: ${place} does not exist; \`mediahooks serve\` or \`mediahooks account create\` creates it`,
    );
  }
}

/**
 * Creates the data folder if it is missing. Only its owner can read the folder, because it holds keys and
 * secrets.
 * @throws ConfigError
 */
export function createDataFolder(places: DataPlaces): void {
  checkPlaces(places);
  makeFolder(mediaRoot(places.dataDir));
}

/**
 * Creates `folder` and its missing parents one by one. Node's option `recursive` is not used, because it
 * never returns where the kernel allows no folder, for example in /proc.
 */
function makeFolder(folder: string): void {
  if (statIfPresent(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    // The error is ignored if another process has created the folder in the meantime.
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw new ConfigError(`MEDIAHOOKS_DATA_DIR: the folder ${folder} can't be created`, { cause });
  }
}
