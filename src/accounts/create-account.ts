import { randomUUIDv7 } from 'node:crypto';
import { type Account, type ApiKey, normalEmail } from '../domain/account.ts';
import type { Actor } from '../domain/audit.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { issueRecordedToken, type RecordedTokensParts } from './recorded-tokens.ts';
import { generateApiKey } from './secrets/api-key-secrets.ts';

export interface NewAccount {
  readonly email: string;
  readonly isOperator: boolean;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  /**
   * `null` or left out: the account has no password, and nobody can sign in with a password until one is set.
   */
  readonly passwordHash?: string | null;
  /** Current time in milliseconds since the epoch. */
  readonly now: number;
}

/** A new account with its first API key. The key's secret is not stored, so it can't be shown again later. */
export interface CreatedAccount {
  readonly account: Account;
  readonly key: ApiKey;
  readonly secret: string;
}

/** Credentials with which a new account can call the API: an API key with its secret, and a bearer token. */
export interface Credentials {
  readonly userId: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly token: string;
}

/**
 * Creates an account with an API key. Rejects with `ServiceError('conflict')` when the email address is
 * taken.
 */
export async function createAccount(
  { accounts }: Pick<Storage, 'accounts'>,
  { email, isOperator, firstName = '', lastName = '', passwordHash = null, now }: NewAccount,
  by: Actor | null,
): Promise<CreatedAccount> {
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
  await accounts.create(account, key, by);
  return { account, key, secret };
}

/**
 * Creates an account with an API key and a bearer token. Rejects with `ServiceError('conflict')` when the
 * email address is taken.
 */
export async function createAccountWithToken(
  parts: RecordedTokensParts & { readonly storage: Pick<Storage, 'accounts'> },
  wanted: NewAccount,
  by: Actor | null,
): Promise<Credentials> {
  const { account, key, secret } = await createAccount(parts.storage, wanted, by);
  const token = await issueRecordedToken(parts, account, { at: wanted.now, by });
  return { userId: account.id, publicKey: key.publicKey, secretKey: secret, token };
}
