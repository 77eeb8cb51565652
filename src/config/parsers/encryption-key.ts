import { fileURLToPath } from 'node:url';

/** Value of the setting: the operator's encryption keys, or the path of a file that contains them. */
export interface EncryptionKeySetting {
  /**
   * Keys of 32 bytes each. The first key encrypts, and every key can decrypt. The list is
   * empty if `file` is set.
   */
  readonly keys: readonly Uint8Array[];
  /** Absolute path of the file that contains the keys; `null`: the setting itself contains the keys. */
  readonly file: string | null;
}

export function encryptionKey(text: string): EncryptionKeySetting {
  if (!/^file:/i.test(text)) return { keys: parseEncryptionKeys(text), file: null };
  if (!/^file:\/\/(localhost)?\/[^/]/i.test(text)) {
    throw new TypeError('expected a file: URL with an absolute path, such as file:///run/secrets/key');
  }
  return { keys: [], file: fileURLToPath(text) };
}

/**
 * Parses keys in base64, separated by commas or white space.
 * @throws TypeError whose message contains no key
 */
export function parseEncryptionKeys(text: string): readonly Uint8Array[] {
  const keys = text.split(/[\s,]+/).filter((part) => part !== '');
  const isKey = (part: string) => /^[A-Za-z0-9+/]{43}=$/.test(part);
  if (keys.length === 0 || !keys.every(isKey)) {
    throw new TypeError(
      'expected 32 bytes in base64 (as `openssl rand -base64 32` prints them), or several such keys separated by commas',
    );
  }
  return keys.map((part) => Buffer.from(part, 'base64'));
}
