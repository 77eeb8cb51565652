import { createHash, randomBytes, randomUUIDv7, timingSafeEqual } from 'node:crypto';
import type { ApiKey, ApiKeyType } from '../domain/account.ts';

/** Maximum seconds until a key expires, as the API's contract allows. A key may also never expire. */
export const LONGEST_KEY_TTL_S = 2_147_483_647;

/** Bytes of randomness in each half of a key. */
const PUBLIC_KEY_BYTES = 16;
const SECRET_BYTES = 32;
/** Number of characters of a secret that are stored and shown, to tell keys apart. */
const TRUNCATED_LENGTH = 8;

export interface NewApiKey {
  readonly userId: string;
  readonly name: string;
  readonly type: ApiKeyType;
  /** Seconds until the key expires; 0: never. */
  readonly ttl: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Generates a key with its secret. The secret itself is not stored. */
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

/** Returns whether `secret` is the key's. Compares in constant time. */
export function secretMatches(key: ApiKey, secret: string): boolean {
  return timingSafeEqual(Buffer.from(key.secretHash, 'hex'), Buffer.from(hashSecret(secret), 'hex'));
}

export function isExpired(key: ApiKey, now: number): boolean {
  return key.expiresAt !== null && key.expiresAt <= now;
}

function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
