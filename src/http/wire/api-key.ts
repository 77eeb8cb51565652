import { type Static, Type } from 'typebox';
import { type Account, API_KEY_TYPES, type ApiKey } from '../../domain/account.ts';
import { DIGITS } from '../validation-phrases.ts';
import { Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';

export const UserBody = Type.Object({
  id: Uuid,
  email: Type.String({ minLength: 1 }),
  first_name: Type.String(),
  last_name: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
});

export const ApiKeyBody = Type.Object({
  id: Uuid,
  name: Type.String(),
  public_key: Type.String({ minLength: 1 }),
  truncated_secret: Type.String({ minLength: 1 }),
  ttl: Type.String({
    pattern: DIGITS.source,
    description: 'Seconds from creation; 0 for a key that does not expire.',
  }),
  type: Type.Enum(API_KEY_TYPES),
  status: Type.Enum(['active', 'expired']),
  expired_at: Nullable(Timestamp),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_requested_at: Nullable(Timestamp),
  user: UserBody,
});

export const NewApiKeyBody = Type.Object({
  ...ApiKeyBody.properties,
  secret: Type.String({ minLength: 1, description: 'Shown this once.' }),
});

export function userBody(account: Account): Static<typeof UserBody> {
  return {
    id: account.id,
    email: account.email,
    first_name: account.firstName,
    last_name: account.lastName,
    created_at: timestamp(account.createdAt),
    updated_at: timestamp(account.updatedAt),
  };
}

/** @param now milliseconds since the epoch */
export function apiKeyBody(key: ApiKey, account: Account, now: number): Static<typeof ApiKeyBody> {
  return {
    id: key.id,
    name: key.name,
    public_key: key.publicKey,
    truncated_secret: key.truncatedSecret,
    ttl: String(key.ttl),
    type: key.type,
    status: key.expiresAt !== null && key.expiresAt <= now ? 'expired' : 'active',
    expired_at: timestampOrNull(key.expiresAt),
    created_at: timestamp(key.createdAt),
    updated_at: timestamp(key.updatedAt),
    last_requested_at: timestampOrNull(key.lastRequestedAt),
    user: userBody(account),
  };
}
