import type { Account, AccountChanges, ApiKey } from '../../domain/account.ts';
import type { Actor, Change } from '../../domain/audit.ts';
import type { Page, PageRequest } from './page.ts';

export interface AccountListRequest extends PageRequest {
  /** Part of the email address. */
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'email';
  readonly isDisabled: boolean | null;
}

/** The hash of the current password, and the hash that replaces it. */
export interface PasswordHashes {
  readonly from: string;
  readonly to: string;
}

export interface AccountStore {
  /**
   * Creates an account with its first API key. Rejects with `ServiceError('conflict')` when the email address is
   * taken.
   */
  create(account: Account, firstKey: ApiKey, by: Actor | null): Promise<void>;
  find(id: string): Promise<Account | null>;
  /** Finds an account by its email address as it is stored: see `normalEmail`. */
  findByEmail(email: string): Promise<Account | null>;
  list(request: AccountListRequest): Promise<Page<Account>>;
  /**
   * Changes an account. A new password begins the next token generation.
   * @returns the account after the change, or null when there is no such account
   */
  update(id: string, changes: AccountChanges, change: Change): Promise<Account | null>;
  /**
   * Changes the password, but only while the hash `from` is in force: of two changes at once, one is made.
   * A new password begins the next token generation.
   * @returns the account after the change, or null when there is no such account or another hash is in force
   */
  changePassword(id: string, hashes: PasswordHashes, change: Change): Promise<Account | null>;
  /**
   * Replaces a hash by another hash of the same password, so that tokens stay valid. Does nothing unless `from` is in
   * force.
   */
  rehashPassword(id: string, hashes: PasswordHashes): Promise<void>;
  /** Returns those of `ids` that are ids of accounts. */
  existing(ids: readonly string[]): Promise<string[]>;
  /** Whether there is any account. */
  any(): Promise<boolean>;
}
