import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** AES-256-GCM with the nonce and tag lengths of NIST SP 800-38D: https://csrc.nist.gov/pubs/sp/800/38/d/final */
const CIPHER = 'aes-256-gcm';
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** First part of a sealed text: the version of its format. */
const FORM = '1';
const KEY_ID_CHARS = 16;

/** Keys of 32 bytes. The first key encrypts; every key may decrypt. */
export type EncryptionKeys = readonly Uint8Array[];

/** Tells that stored data was encrypted with a key that this ring does not have. */
export class EncryptionKeyError extends Error {
  override readonly name = 'EncryptionKeyError';
  /** Identifies the error in another thread, where its class is lost. */
  readonly code = 'ERR_ENCRYPTION_KEY';
}

/**
 * Encrypts (seals) texts for the database, and decrypts (opens) them. A sealed text names its key, and the place
 * where it belongs is authenticated with it.
 */
export class KeyRing {
  /** Id of the key that encrypts. */
  readonly currentId: string;
  readonly #current: Uint8Array;
  readonly #keys: ReadonlyMap<string, Uint8Array>;

  constructor(keys: EncryptionKeys) {
    const [current] = keys;
    if (!current) throw new TypeError('expected at least one encryption key');
    for (const key of keys) {
      if (key.length !== KEY_BYTES) throw new TypeError(`expected keys of ${KEY_BYTES} bytes`);
    }
    this.#current = current;
    this.currentId = keyIdOf(current);
    this.#keys = new Map(keys.map((key) => [keyIdOf(key), key]));
  }

  has(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  /** @param place where the text belongs, such as its row and column; it can't be opened with another place */
  seal(text: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#current, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return `${FORM}.${this.currentId}.${Buffer.concat(sealed).toString('base64')}`;
  }

  /** @throws Error when the text was sealed for another place or with an unknown key, or was changed since */
  open(sealed: string, place: string): string {
    const key = this.#keys.get(keyIdOfSealed(sealed) ?? '');
    if (!key) throw new EncryptionKeyError('a stored text was encrypted with a key that was not given');
    const bytes = Buffer.from(sealed.slice(FORM.length + KEY_ID_CHARS + 2), 'base64');
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return (
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  }
}

/** Returns an id that distinguishes the key from others and reveals nothing of it. */
export function keyIdOf(key: Uint8Array): string {
  return createHmac('sha256', key).update('mediahooks key id').digest('hex').slice(0, KEY_ID_CHARS);
}

/** Returns the id of the key that encrypted a text; null if the text is not a sealed one. */
export function keyIdOfSealed(sealed: string): string | null {
  const [form, keyId] = sealed.split('.', 2);
  return form === FORM && keyId !== undefined ? keyId : null;
}
