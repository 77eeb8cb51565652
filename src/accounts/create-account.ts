import { randomUUIDv7 } from 'node:crypto';
import { type Account, type ApiKey, normalEmail } from '../domain/account.ts';
import type { Actor } from '../domain/audit.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { generateApiKey } from './api-key-secrets.ts';
import { LONGEST_TOKEN_S, type Tokens } from './tokens.ts';

export interface NewAccount {
  readonly email: string;
  readonly isOperator: boolean;
  readonly firstName?: string;
  readonly lastName?: string;
  /** Null, or left out: nobody signs in with a password until one is set. */
  readonly passwordHash?: string | null;
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
  wanted: NewAccount,
  by: Actor | null,
): Promise<Credentials> {
  const { account, key, secret } = await registerAccount(storage, wanted, by);
  const token = await tokens.issue(account.id, { ttl: LONGEST_TOKEN_S, now: wanted.now });
  if (by) {
    const { id } = account;
    await storage.audit.add(
      { at: wanted.now, accountId: id, action: 'account.token_issued', targetId: id },
      by,
    );
  }
  return { userId: account.id, publicKey: key.publicKey, secretKey: secret, token };
}

/** The same, without a token. */
export async function registerAccount(
  storage: Storage,
  { email, isOperator, firstName = '', lastName = '', passwordHash = null, now }: NewAccount,
  by: Actor | null,
): Promise<{ account: Account; key: ApiKey; secret: string }> {
  const account: Account = {
    id: randomUUIDv7(),
    email: normalEmail(email),
    firstName,
    lastName,
    isOperator,
    isDisabled: false,
    passwordHash,
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
  await storage.accounts.create(account, key, by);
  return { account, key, secret };
}
