import { fileURLToPath } from 'node:url';
import ipaddr from 'ipaddr.js';
import { OWN_ISSUER } from '../accounts/tokens.ts';
import { EgressPolicy } from '../delivery/egress/policy.ts';
import { LOG_LEVELS, type LogLevel } from '../logging/logger.ts';
import type { EncryptionKeys } from '../storage/encryption/key-ring.ts';
import { isStorageUrl } from '../storage/open-storage.ts';

// The values of settings, from their texts. Each parser throws a `TypeError` that says what was expected.

export interface EncryptionKeySetting {
  /** The first encrypts. */
  readonly keys: EncryptionKeys;
  /** Where they are in a file, its absolute path, and none above. */
  readonly file: string | null;
}

/** So many requests at once, and so many more each second. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export function nonEmpty(text: string): string {
  if (text === '') throw new TypeError('expected a value');
  return text;
}

export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new TypeError(`expected a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

export function seconds(text: string): number[] {
  if (text === '') return [];
  return text.split(',').map((part) => {
    const value = Number(part);
    if (part.trim() === '' || !(value >= 0 && value <= 30 * 24 * 3600)) {
      throw new TypeError('expected seconds, comma-separated, each from 0 to 2592000');
    }
    return value * 1000;
  });
}

/** In milliseconds. */
export function days(text: string): number | null {
  const value = Number(text);
  if (text === '' || !(value >= 0 && value <= 36_500)) {
    throw new TypeError('expected days from 0 to 36500');
  }
  return value === 0 ? null : value * 24 * 3_600_000;
}

export function boolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new TypeError('expected true or false');
  return text === 'true';
}

export function token(text: string): string {
  if (!/^[\x21-\x7e]{16,}$/.test(text)) {
    throw new TypeError('expected at least 16 characters, without spaces');
  }
  return text;
}

/** Whoever changes the keys on their way signs tokens for anybody. */
export function jwksUrl(text: string): URL {
  const url = URL.parse(text);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url?.hostname ?? '');
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)) || url.username !== '') {
    throw new TypeError('expected an https URL, or an http URL of this machine');
  }
  return url;
}

export function issuer(text: string): string {
  if (text === '' || text === OWN_ISSUER) throw new TypeError(`expected a value other than ${OWN_ISSUER}`);
  return text;
}

export function encryptionKey(text: string): EncryptionKeySetting {
  if (!/^file:/i.test(text)) return { keys: parseEncryptionKeys(text), file: null };
  if (!/^file:\/\/(localhost)?\/[^/]/i.test(text)) {
    throw new TypeError('expected a file: URL with an absolute path, such as file:///run/secrets/key');
  }
  return { keys: [], file: fileURLToPath(text) };
}

/** Keys in base64, apart by commas or line breaks. Throws a `TypeError` that shows none of them. */
export function parseEncryptionKeys(text: string): EncryptionKeys {
  const keys = text.split(/[\s,]+/).filter((part) => part !== '');
  const isKey = (part: string) => /^[A-Za-z0-9+/]{43}=$/.test(part);
  if (keys.length === 0 || !keys.every(isKey)) {
    throw new TypeError(
      'expected 32 bytes in base64 (as of `openssl rand -base64 32`), or several such, apart by commas',
    );
  }
  return keys.map((part) => Buffer.from(part, 'base64'));
}

export function httpUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError('expected an http or https URL');
  return url.href.replace(/\/+$/, '');
}

export function storageUrl(text: string): URL {
  const url = URL.parse(text);
  // `file:name` and `file://name/…` parse, too: as a file of the root folder, and as one of another machine.
  if (!url || !isStorageUrl(url) || !/^file:(\/\/(localhost)?)?\/[^/]/i.test(text)) {
    throw new TypeError(
      'expected the file: URL of a SQLite database by its absolute path, such as file:///srv/hooks.sqlite',
    );
  }
  return url;
}

export function networks(text: string): string[] {
  const list = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  // Constructed for its check alone.
  new EgressPolicy(list);
  return list;
}

export function rate(text: string): Rate | null {
  if (text === 'off' || text === '0') return null;
  const [, perSecond, burst] = (/^(\d{1,6}(?:\.\d{1,3})?):(\d{1,7})$/.exec(text) ?? []).map(Number);
  if (!perSecond || !burst) {
    throw new TypeError('expected requests a second and at once, such as 100:1000 or 0.2:50, or off');
  }
  return { perSecond, burst };
}

/** Null for 0: no limit. */
export function most(text: string): number | null {
  return integer(0, Number.MAX_SAFE_INTEGER)(text) || null;
}

export function proxies(text: string): string[] {
  const list = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const part of list) {
    // The short and octal forms of IPv4 mean different things to different programs.
    const isAddress = ipaddr.IPv4.isValidFourPartDecimal(part) || ipaddr.IPv6.isValid(part);
    if (!isAddress && !ipaddr.isValidCIDR(part))
      throw new TypeError(`expected addresses or CIDR, comma-separated; ${part} is neither`);
  }
  return list;
}

export function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (!level) throw new TypeError(`expected one of ${LOG_LEVELS.join(', ')}`);
  return level;
}
