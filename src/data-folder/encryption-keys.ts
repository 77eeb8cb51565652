import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Config, ConfigError } from '../config/config.ts';
import { parseEncryptionKeys } from '../config/setting-values.ts';
import { type EncryptionKeys, KEY_BYTES } from '../storage/encryption/key-ring.ts';
import { writePrivateFile } from './durable-files.ts';
import { encryptionKeyFile } from './paths.ts';

type KeySource = Pick<Config, 'encryptionKey' | 'dataDir'>;

export interface FoundKeys {
  readonly keys: EncryptionKeys;
  /** The file in the data folder that was made just now, to be removed if it turns out that there was another. */
  readonly madeFile: string | null;
}

/** The operator's keys, or those in the data folder, which are made where there are none. @throws ConfigError */
export async function findEncryptionKeys({ encryptionKey, dataDir }: KeySource): Promise<FoundKeys> {
  if (encryptionKey !== null) {
    const { keys, file } = encryptionKey;
    return { keys: file === null ? keys : ((await readKeys(file)) ?? refuse(file)), madeFile: null };
  }
  const file = encryptionKeyFile(dataDir);
  const there = await readKeys(file);
  if (there) return { keys: there, madeFile: null };
  const keys = [randomBytes(KEY_BYTES)];
  const isMade = await writePrivateFile(file, textOf(keys), 'kept');
  return { keys: (await readKeys(file)) ?? keys, madeFile: isMade ? file : null };
}

function refuse(file: string): never {
  throw new ConfigError(`MEDIAHOOKS_ENCRYPTION_KEY: the file ${file} does not exist`);
}

/** Puts a new key before the one in the data folder, unless a change that was broken off has done so. */
export async function addDataDirKey(dataDir: string): Promise<void> {
  const file = encryptionKeyFile(dataDir);
  const keys = await readKeys(file);
  if (keys?.length !== 1) return;
  await writePrivateFile(file, textOf([randomBytes(KEY_BYTES), ...keys]), 'replaced');
}

/** Leaves only the newest key in the data folder. */
export async function dropOldDataDirKeys(dataDir: string): Promise<void> {
  const file = encryptionKeyFile(dataDir);
  const keys = await readKeys(file);
  if (keys && keys.length > 1) await writePrivateFile(file, textOf(keys.slice(0, 1)), 'replaced');
}

async function readKeys(file: string): Promise<EncryptionKeys | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
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

function textOf(keys: EncryptionKeys): string {
  return keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join('');
}
