import { type Static, Type } from 'typebox';
import { type Account, API_KEY_TYPES, type ApiKey } from '../../domain/account.ts';
import { Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';
import { EXAMPLE_EMAIL, EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';
import { DIGITS } from './validation-phrases.ts';

export const USER_EXAMPLE = {
  id: EXAMPLE_IDS.account,
  email: EXAMPLE_EMAIL,
  first_name: 'Ada',
  last_name: 'Lovelace',
  created_at: EXAMPLE_TIMES.created,
  updated_at: EXAMPLE_TIMES.created,
};

const API_KEY_EXAMPLE = {
  id: EXAMPLE_IDS.apiKey,
  name: 'my encoder',
  public_key: 'Jv0T3yMkWfGq8xN2bRzL5c',
  truncated_secret: 'pX4qZbT7…',
  ttl: '86400',
  type: 'full_access',
  status: 'active',
  expired_at: EXAMPLE_TIMES.later,
  created_at: EXAMPLE_TIMES.created,
  updated_at: EXAMPLE_TIMES.created,
  last_requested_at: null,
  user: USER_EXAMPLE,
};

export const UserBody = Type.Object(
  {
    id: Uuid,
    email: Type.String({ minLength: 1 }),
    first_name: Type.String(),
    last_name: Type.String(),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { examples: [USER_EXAMPLE] },
);

const apiKeyFields = {
  id: Uuid,
  name: Type.String(),
  public_key: Type.String({ minLength: 1 }),
  truncated_secret: Type.String({
    minLength: 1,
    description: 'Beginning of the secret, to tell keys apart.',
  }),
  ttl: Type.String({
    pattern: DIGITS.source,
    description: 'Lifetime in seconds from creation; 0: the key does not expire.',
  }),
  type: Type.Enum(API_KEY_TYPES, {
    description: '`full_access`, or `only_upload`: the key can only create media and upload their files.',
  }),
  status: Type.Enum(['active', 'expired']),
  expired_at: Nullable(Timestamp),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_requested_at: Nullable(
    Type.String({ format: 'date-time', description: 'Time of the last use of the key.' }),
  ),
  user: UserBody,
};

const NEW_API_KEY_EXAMPLE = {
  ...API_KEY_EXAMPLE,
  secret: 'pX4qZbT7uKdV1nWm6sYhR9eA0gLcJfQo3iUtB8xMkNw',
};

/** The first API key of an account, which the service names. */
export const FIRST_API_KEY_EXAMPLE = {
  ...NEW_API_KEY_EXAMPLE,
  name: 'first key',
  ttl: '0',
  expired_at: null,
};

export const ApiKeyBody = Type.Object(apiKeyFields, { examples: [API_KEY_EXAMPLE] });

export const NewApiKeyBody = Type.Object(
  {
    ...apiKeyFields,
    secret: Type.String({
      minLength: 1,
      description: 'Secret half of the key. It is shown only in this answer.',
    }),
  },
  { examples: [NEW_API_KEY_EXAMPLE] },
);

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

/** Returns an API key as the API shows it. @param now milliseconds since the epoch */
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
