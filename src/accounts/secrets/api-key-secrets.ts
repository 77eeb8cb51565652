import { createHash, randomBytes, randomUUIDv7, timingSafeEqual } from 'node:crypto';
import type { ApiKey, ApiKeyType } from '../../domain/account.ts';

/**
 * Maximum lifetime of an API key in seconds, from the API's contract. A key with the lifetime 0 never
 * expires.
 */
export const LONGEST_KEY_TTL_S = 2_147_483_647;

/** Number of random bytes in the public half of an API key. */
const PUBLIC_KEY_BYTES = 16;
/** Number of random bytes in the secret half of an API key. */
const SECRET_BYTES = 32;
/**
 * Number of characters at the beginning of a secret that are stored and shown, so that users can tell keys
 * apart.
 */
const TRUNCATED_LENGTH = 8;

export interface NewApiKey {
  readonly userId: string;
  readonly name: string;
  readonly type: ApiKeyType;
  /** Seconds until the key expires. 0: the key never expires. */
  readonly ttl: number;
  /** Current time in milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Generates an API key and its secret. The key contains only a hash of the secret. The secret itself is not
 * stored.
 */
export function generateApiKey({ userId, name, type, ttl, now }: NewApiKey): { key: ApiKey; secret: string } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const key: ApiKey = {
    id: randomUUIDv7(),
    userId,
    name,
    publicKey: randomBytes(PUBLIC_KEY_BYTES).toString('base64url'),
    secretHash: hashSecret(secret),
    truncatedSecret: `${secret.slice(0, TRUNCATED_LENGTH)}…`,
    type,
    ttl,
    expiresAt: ttl === 0 ? null : now + ttl * 1000,
    createdAt: now,
    updatedAt: now,
    lastRequestedAt: null,
  };
  return { key, secret };
}

/**
 * Returns whether `secret` is the secret of `key`. Compares in constant time, so that the duration reveals
 * nothing about the secret.
 */
export function secretMatches(key: ApiKey, secret: string): boolean {
  return timingSafeEqual(Buffer.from(key.secretHash, 'hex'), Buffer.from(hashSecret(secret), 'hex'));
}

export function isExpired(key: ApiKey, now: number): boolean {
  return key.expiresAt !== null && key.expiresAt <= now;
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
