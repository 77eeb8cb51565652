import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** AES-256-GCM with the nonce and tag lengths of NIST SP 800-38D: https://csrc.nist.gov/pubs/sp/800/38/d/final */
const CIPHER = 'aes-256-gcm';
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Version of the format of sealed texts. Each sealed text begins with this version. */
const FORM = '1';
const KEY_ID_CHARS = 16;

/**
 * Encryption keys of 32 bytes. New data is encrypted with the first key. Stored data can be decrypted with
 * every key.
 */
export type EncryptionKeys = readonly Uint8Array[];

/** Reports that stored data was encrypted with a key that the key ring does not have. */
export class EncryptionKeyError extends Error {
  override readonly name = 'EncryptionKeyError';
  /**
   * Identifies the error in another thread, because an error that is sent to another thread loses its class.
   */
  readonly code = 'ERR_ENCRYPTION_KEY';
}

/**
 * Encrypts (seals) texts for the database, and decrypts (opens) them. A sealed text contains the id of its
 * key. The text is bound to one place in the database, such as a row and column: `open` fails for any other
 * place.
 */
export class KeyRing {
  /** Id of the key that encrypts new texts. */
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

  /** @param place name of the row and column in which the text is stored; `open` requires the same name */
  seal(text: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#current, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return `${FORM}.${this.currentId}.${Buffer.concat(sealed).toString('base64')}`;
  }

  /**
   * @throws EncryptionKeyError when the key ring does not have the key of the text; Error when the text was
   * modified or was sealed for another place
   */
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

/** Returns an id that identifies the key without revealing it. */
export function keyIdOf(key: Uint8Array): string {
  return createHmac('sha256', key).update('mediahooks key id').digest('hex').slice(0, KEY_ID_CHARS);
}

/** Returns the id of the key that encrypted a text; null if the text is not a sealed text. */
export function keyIdOfSealed(sealed: string): string | null {
  const [form, keyId] = sealed.split('.', 2);
  return form === FORM && keyId !== undefined ? keyId : null;
}
