import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { parseEncryptionKeys } from './config/setting-values.ts';
import { type Config, ConfigError } from './config.ts';
import { encryptionKeyFile } from './data-dir.ts';
import { type EncryptionKeys, KEY_BYTES } from './storage/encryption/key-ring.ts';

type KeySource = Pick<Config, 'encryptionKey' | 'dataDir'>;

export interface FoundKeys {
  readonly keys: EncryptionKeys;
  /** The file in the data folder that was made just now, to be removed if it turns out that there was another. */
  readonly madeFile: string | null;
}

/** The operator's keys, or those in the data folder, which are made where there are none. @throws ConfigError */
export function findEncryptionKeys({ encryptionKey, dataDir }: KeySource): FoundKeys {
  if (encryptionKey !== null) {
    const { keys, file } = encryptionKey;
    return { keys: file === null ? keys : (readKeys(file) ?? refuse(file)), madeFile: null };
  }
  const file = encryptionKeyFile(dataDir);
  const there = readKeys(file);
  if (there) return { keys: there, madeFile: null };
  const keys = [randomBytes(KEY_BYTES)];
  const isMade = keepKeys(file, keys, linkSync);
  return { keys: readKeys(file) ?? keys, madeFile: isMade ? file : null };
}

function refuse(file: string): never {
  throw new ConfigError(`MEDIAHOOKS_ENCRYPTION_KEY: the file ${file} does not exist`);
}

/** Puts a new key before the one in the data folder, unless a change that was broken off has done so. */
export function addDataDirKey(dataDir: string): void {
  const file = encryptionKeyFile(dataDir);
  const keys = readKeys(file);
  if (keys?.length === 1) keepKeys(file, [randomBytes(KEY_BYTES), ...keys], renameSync);
}

/** Leaves only the newest key in the data folder. */
export function dropOldDataDirKeys(dataDir: string): void {
  const file = encryptionKeyFile(dataDir);
  const keys = readKeys(file);
  if (keys && keys.length > 1) keepKeys(file, keys.slice(0, 1), renameSync);
}

function readKeys(file: string): EncryptionKeys | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ConfigError(`MEDIAHOOKS_ENCRYPTION_KEY: the file ${file} can't be read`, { cause });
  }
  try {
    return parseEncryptionKeys(text);
  } catch (cause) {
    throw new ConfigError(`MEDIAHOOKS_ENCRYPTION_KEY: the file ${file}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Writes the keys so that a reader, and a start after a loss of power, finds the whole file or the one before.
 * @param place `linkSync` fails where there is a file by then: another process was faster, and its keys hold
 */
function keepKeys(file: string, keys: EncryptionKeys, place: (draft: string, file: string) => void): boolean {
  const draft = `${file}.${process.pid}`;
  const text = keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join('');
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  try {
    place(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
  return true;
}
