import { randomUUIDv7 } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { DataFileError } from '../data-folder/data-file-error.ts';
import { makeDirectory, writePrivateFile } from '../data-folder/durable-files.ts';

export const TOKEN_ALGORITHM = 'EdDSA';
const CURVE = 'Ed25519';
const SUFFIX = '.json';

/** Key pair that signs and verifies the service's own tokens. */
export interface TokenKey {
  readonly kid: string;
  /** Time of creation in milliseconds since the epoch. */
  readonly createdAt: number;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** Content of a key file: a private JWK with the additional member `created_at`. */
type StoredKey = JWK & { readonly kid: string; readonly created_at: number };

/**
 * Keys that sign the service's own tokens. Each key has a file of its own in one folder. So a command can add
 * and remove keys while servers run, and two commands at the same time don't overwrite each other's keys. The
 * folder is read at every use. This is cheap, because the folder has few entries, and the authenticator's
 * cache answers for most tokens.
 */
export class TokenKeys {
  readonly #dir: string;
  /** Keys that were read from the folder, by `kid`. */
  #keys: ReadonlyMap<string, TokenKey> = new Map();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Reads the keys in `dir`, and creates the first key if the folder has no key. Rejects if a key can't be
   * read.
   */
  static async open(dir: string, now: number): Promise<TokenKeys> {
    await makeDirectory(dir, 0o700);
    const keys = new TokenKeys(dir);
    keys.#keys = await keys.#read();
    if (keys.#keys.size === 0) await keys.add(now);
    return keys;
  }

  /** Returns the newest key, which signs all new tokens. */
  async newest(): Promise<TokenKey> {
    await this.#refresh();
    const [newest] = [...this.#keys.values()].sort(newestFirst);
    if (!newest) throw new Error(`there is no key for tokens in ${this.#dir}`);
    return newest;
  }

  /** Returns the key with this `kid`; `null`: the key does not exist or was removed. */
  async find(kid: string): Promise<TokenKey | null> {
    await this.#refresh();
    return this.#keys.get(kid) ?? null;
  }

  /**
   * Creates and stores a key, which signs all tokens from then on.
   * @param onMade is called before the key is stored; if it rejects, the key is not stored
   */
  async add(now: number, onMade?: (kid: string) => Promise<void>): Promise<TokenKey> {
    const { privateKey } = await generateKeyPair(TOKEN_ALGORITHM, { crv: CURVE, extractable: true });
    const kid = randomUUIDv7();
    await onMade?.(kid);
    const stored: StoredKey = { ...(await exportJWK(privateKey)), kid, created_at: now };
    await writePrivateFile(join(this.#dir, kid + SUFFIX), JSON.stringify(stored), 'replaced');
    this.#keys = await this.#read();
    return this.#keys.get(kid) as TokenKey;
  }

  /**
   * Removes the keys that were replaced by a newer key before the time `before`. Only the newest key signs,
   * so a removed key has signed nothing since then.
   * @returns the `kid`s of the removed keys
   */
  async dropUnusedSince(before: number): Promise<string[]> {
    this.#keys = await this.#read();
    const keys = [...this.#keys.values()].sort(newestFirst);
    const dropped = keys.filter((_, n) => (keys[n - 1]?.createdAt ?? Number.POSITIVE_INFINITY) < before);
    for (const { kid } of dropped) await rm(join(this.#dir, kid + SUFFIX), { force: true });
    this.#keys = await this.#read();
    return dropped.map(({ kid }) => kid);
  }

  /**
   * Reads the folder again. A key whose file was deleted is forgotten, because deleting the file is how an
   * operator makes a stolen key invalid. If the folder can't be read, for example because no file descriptor
   * is free, the known keys stay. A new file that can't be read is ignored until it can be read.
   */
  async #refresh(): Promise<void> {
    const names = await this.#names().catch(() => null);
    if (!names) return;
    const keys = await Promise.all(names.map((name) => this.#key(name).catch(() => null)));
    this.#keys = byKid(keys.filter((key) => key !== null));
  }

  async #read(): Promise<ReadonlyMap<string, TokenKey>> {
    const names = await this.#names();
    return byKid(await Promise.all(names.map((name) => this.#key(name))));
  }

  async #names(): Promise<string[]> {
    return (await readdir(this.#dir)).filter((name) => name.endsWith(SUFFIX));
  }

  /** Returns the key of a file. Reads the file only if the key is not known yet. */
  async #key(name: string): Promise<TokenKey> {
    return this.#keys.get(name.slice(0, -SUFFIX.length)) ?? readKey(join(this.#dir, name));
  }
}

function byKid(keys: readonly TokenKey[]): ReadonlyMap<string, TokenKey> {
  return new Map(keys.map((key) => [key.kid, key]));
}

function newestFirst(one: TokenKey, other: TokenKey): number {
  return other.createdAt - one.createdAt || (other.kid < one.kid ? -1 : 1);
}

async function readKey(file: string): Promise<TokenKey> {
  try {
    const stored: StoredKey = JSON.parse(await readFile(file, 'utf8'));
    const { d, kid, created_at: createdAt, ...rest } = stored;
    const publicJwk = rest as JWK;
    if (!file.endsWith(`/${kid}${SUFFIX}`)) throw new Error('its kid differs from its file name');
    const [privateKey, publicKey] = await Promise.all([
      importJWK({ ...publicJwk, d } as JWK, TOKEN_ALGORITHM),
      importJWK(publicJwk, TOKEN_ALGORITHM),
    ]);
    return { kid, createdAt, privateKey: privateKey as CryptoKey, publicKey: publicKey as CryptoKey };
  } catch (cause) {
    const { errno, message } = cause as NodeJS.ErrnoException;
    throw new DataFileError(
      errno === undefined
        ? `the key for tokens in ${file} is damaged or of a newer version: restore the file from a backup, or remove it, which ends the tokens that it signed`
        : `the key for tokens in ${file} can't be read: ${message}`,
      { cause },
    );
  }
}
