import { type Account, type AccountChanges, normalEmail } from '../domain/account.ts';
import type { Actor } from '../domain/audit.ts';
import { notFound, ServiceError } from '../domain/errors.ts';
import type { AccountListRequest, AccountStore } from '../storage/contracts/accounts.ts';
import type { Page } from '../storage/contracts/page.ts';
import { type CreatedAccount, createAccount } from './create-account.ts';
import type { CredentialCache } from './credential-cache.ts';
import type { Passwords } from './passwords.ts';

export interface AccountsOptions {
  readonly store: AccountStore;
  readonly passwords: Pick<Passwords, 'hash'>;
  readonly credentials: CredentialCache;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

export interface WantedAccount {
  readonly email: string;
  readonly isOperator: boolean;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  /** If left out, the account has no password, and nobody can sign in with a password until one is set. */
  readonly password?: string | undefined;
}

/** Requested changes of an account. A field that is left out keeps its value. */
export interface WantedAccountChanges {
  readonly isDisabled?: boolean | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly password?: string | undefined;
}

/**
 * Use cases of accounts. A change is stored first; then the credential cache is notified. If the storage
 * refuses the change, the cache is not notified.
 */
export class Accounts {
  readonly #options: AccountsOptions;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** @throws ServiceError `not_found` */
  async find(id: string): Promise<Account> {
    return found(await this.#options.store.find(id), id);
  }

  /** Finds an account by its id or its email address. @throws ServiceError `not_found` */
  async findByName(name: string): Promise<Account> {
    const { store } = this.#options;
    const account = name.includes('@')
      ? await store.findByEmail(normalEmail(name))
      : await store.find(name.toLowerCase());
    return found(account, name);
  }

  list(request: AccountListRequest): Promise<Page<Account>> {
    return this.#options.store.list(request);
  }

  /** Creates an account with its first API key. @throws ServiceError `conflict` when the email address is taken */
  async create({ password, ...wanted }: WantedAccount, by: Actor): Promise<CreatedAccount> {
    const { store, passwords, now } = this.#options;
    const passwordHash = password === undefined ? null : await passwords.hash(password);
    return createAccount({ accounts: store }, { ...wanted, passwordHash, now: now() }, by);
  }

  /**
   * Changes an account. The keys and tokens of a disabled account are refused until the account is enabled
   * again. A new password ends all earlier tokens of the account permanently.
   * @throws ServiceError `not_found`; `conflict` when an account would disable itself
   */
  async update(id: string, { password, ...changes }: WantedAccountChanges, by: Actor): Promise<Account> {
    const { store, passwords, credentials, now } = this.#options;
    if (changes.isDisabled && id === by.accountId)
      throw new ServiceError('conflict', 'an account cannot disable itself');
    const passwordHash = password === undefined ? undefined : await passwords.hash(password);
    const account = await store.update(id, definedOf({ ...changes, passwordHash }), { at: now(), by });
    if (account) await credentials.forgetAccount(id);
    return found(account, id);
  }
}

function found(account: Account | null, name: string): Account {
  if (!account) throw notFound(`account ${name}`);
  return account;
}

/** Returns the changes without the fields that are undefined. */
function definedOf(
  changes: { [Field in keyof AccountChanges]: AccountChanges[Field] | undefined },
): AccountChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
