import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateApiKey } from '../../accounts/secrets/api-key-secrets.ts';
import type { Account } from '../../domain/account.ts';
import { apiKeyBody } from './api-key.ts';

const T0 = 1_767_225_600_000;

const account: Account = {
  id: 'an-account',
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Lovelace',
  isOperator: false,
  isDisabled: false,
  passwordHash: 'a hash',
  tokenGeneration: 0,
  createdAt: T0,
  updatedAt: T0 + 1,
};

test("a key's object has the contract's fields, and is active until the millisecond that it expires", () => {
  const { key } = generateApiKey({
    userId: account.id,
    name: 'a key',
    type: 'only_upload',
    ttl: 60,
    now: T0,
  });
  const used = { ...key, updatedAt: T0 + 2, lastRequestedAt: T0 + 3 };
  const body = {
    id: key.id,
    name: 'a key',
    public_key: key.publicKey,
    truncated_secret: key.truncatedSecret,
    ttl: '60',
    type: 'only_upload',
    status: 'active',
    expired_at: '2026-01-01T00:01:00.000Z',
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.002Z',
    last_requested_at: '2026-01-01T00:00:00.003Z',
    user: {
      id: 'an-account',
      email: 'ada@example.com',
      first_name: 'Ada',
      last_name: 'Lovelace',
      created_at: '2026-01-01T00:00:00.000Z',
      updated_at: '2026-01-01T00:00:00.001Z',
    },
  };
  assert.deepEqual(apiKeyBody(used, account, T0 + 59_999), body);
  assert.deepEqual(apiKeyBody(used, account, T0 + 60_000), { ...body, status: 'expired' });
});
