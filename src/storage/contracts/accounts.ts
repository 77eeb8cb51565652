import type { Account, AccountChanges, ApiKey } from '../../domain/account.ts';
import type { Actor, Change } from '../../domain/audit.ts';
import type { Page, PageRequest } from './page.ts';

export interface AccountListRequest extends PageRequest {
  /** Text that the email address must contain. `null`: accounts with any email address. */
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'email';
  readonly isDisabled: boolean | null;
}

/** The hash of the current password (`from`), and the hash that replaces it (`to`). */
export interface PasswordHashes {
  readonly from: string;
  readonly to: string;
}

export interface AccountStore {
  /**
   * Creates an account with its first API key. Rejects with `ServiceError('conflict')` when another account
   * already has the email address.
   */
  create(account: Account, firstKey: ApiKey, by: Actor | null): Promise<void>;
  find(id: string): Promise<Account | null>;
  /** Finds an account by its email address, in the form that `normalEmail` returns. */
  findByEmail(email: string): Promise<Account | null>;
  list(request: AccountListRequest): Promise<Page<Account>>;
  /**
   * Changes an account. A new password makes all tokens invalid that were issued before.
   * @returns the account after the change, or null when there is no such account
   */
  update(id: string, changes: AccountChanges, change: Change): Promise<Account | null>;
  /**
   * Changes the password if `from` is still the current hash. So of two changes at the same time, only one
   * succeeds.
   * The new password makes all tokens invalid that were issued before.
   * @returns the account after the change, or null when there is no such account or its current hash is not
   * `from`
   */
  changePassword(id: string, hashes: PasswordHashes, change: Change): Promise<Account | null>;
  /**
   * Replaces the current hash `from` with another hash of the same password. Does nothing when `from` is not
   * the current hash. Tokens stay valid, because the password does not change.
   */
  rehashPassword(id: string, hashes: PasswordHashes): Promise<void>;
  /** Returns the ids in `ids` for which an account exists. */
  existing(ids: readonly string[]): Promise<string[]>;
  /** Returns whether at least one account exists. */
  any(): Promise<boolean>;
  /**
   * Returns the number of bytes that the rows of an account take: its media, their events with the deliveries, all
   * attempts and audit records. The number is an estimate, and rather too large. Rows that an operator published, and
   * rows of a time in which nothing was counted, are left out.
   */
  usage(id: string): Promise<number>;
}
