import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/config-error.ts';
import { parseEncryptionKeys } from '../config/parsers/encryption-key.ts';
import { type EncryptionKeys, KEY_BYTES } from '../storage/encryption/key-ring.ts';
import { writePrivateFile } from './durable-files.ts';
import { encryptionKeyFile } from './paths.ts';

type KeySource = Pick<Config, 'encryptionKey' | 'dataDir'>;

export interface FoundKeys {
  readonly keys: EncryptionKeys;
  /**
   * Key file that this call created; `null`: it created none. The caller removes the file if the database
   * needs another key.
   */
  readonly createdFile: string | null;
}

/**
 * Returns the encryption keys that the operator has set. If the operator has set no key, returns the keys in
 * the data folder's key file, and creates that file if it is missing.
 * @throws ConfigError
 */
export async function findEncryptionKeys({ encryptionKey, dataDir }: KeySource): Promise<FoundKeys> {
  if (encryptionKey !== null) {
    const { keys, file } = encryptionKey;
    return { keys: file === null ? keys : ((await readKeys(file)) ?? refuse(file)), createdFile: null };
  }
  const file = encryptionKeyFile(dataDir);
  const existing = await readKeys(file);
  if (existing) return { keys: existing, createdFile: null };
  const keys = [randomBytes(KEY_BYTES)];
  const isCreated = await writePrivateFile(file, textOf(keys), 'kept');
  return { keys: (await readKeys(file)) ?? keys, createdFile: isCreated ? file : null };
}

function refuse(file: string): never {
  throw new ConfigError(`MEDIAHOOKS_ENCRYPTION_KEY: the file ${file} does not exist`);
}

/**
 * Adds a new key before the existing key in the data folder's key file. Does nothing if the file already has
 * two keys: an earlier rotation has then added the new key, and was interrupted.
 */
export async function addDataDirKey(dataDir: string): Promise<void> {
  const file = encryptionKeyFile(dataDir);
  const keys = await readKeys(file);
  if (keys?.length !== 1) return;
  await writePrivateFile(file, textOf([randomBytes(KEY_BYTES), ...keys]), 'replaced');
}

/** Removes all keys except the newest from the data folder's key file. */
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
