import { randomUUIDv7 } from 'node:crypto';
import type { Account } from '../domain/account.ts';
import type { Storage } from '../storage/storage.ts';
import { generateApiKey } from './api-keys.ts';
import { LONGEST_TOKEN_S, type Tokens } from './tokens.ts';

export interface NewAccount {
  readonly email: string;
  readonly isOperator: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Everything needed to call the API as a new account; the secret key is shown here and never again. */
export interface Credentials {
  readonly userId: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly token: string;
}

/** Creates an account with an API key. Rejects with `ApiError('conflict')` when the email address is taken. */
export async function createAccount(
  storage: Storage,
  tokens: Tokens,
  { email, isOperator, now }: NewAccount,
): Promise<Credentials> {
  const account: Account = {
    id: randomUUIDv7(),
    email,
    firstName: '',
    lastName: '',
    isOperator,
    isDisabled: false,
    passwordHash: null,
    tokenGeneration: 0,
    createdAt: now,
    updatedAt: now,
  };
  const { key, secret } = generateApiKey({
    userId: account.id,
    name: 'first key',
    type: 'full_access',
    ttl: 0,
    now,
  });
  await storage.accounts.create(account, key);
  const token = await tokens.issue(account.id, { ttl: LONGEST_TOKEN_S, now });
  return { userId: account.id, publicKey: key.publicKey, secretKey: secret, token };
}
