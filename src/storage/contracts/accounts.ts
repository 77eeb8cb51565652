import type { Account, AccountChanges, ApiKey } from '../../domain/account.ts';
import type { Actor, Change } from '../../domain/audit.ts';
import type { Page, PageRequest } from './page.ts';

export interface AccountListRequest extends PageRequest {
  /** Part of the email address. */
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'email';
  readonly isDisabled: boolean | null;
}

/** The hash of the present password, and of the one that replaces it. */
export interface PasswordHashes {
  readonly from: string;
  readonly to: string;
}

export interface AccountStore {
  /** With its first API key. Rejects with `ApiError('conflict')` when the email address is taken. */
  create(account: Account, firstKey: ApiKey, by: Actor | null): Promise<void>;
  find(id: string): Promise<Account | null>;
  /** By the email address as it is stored: see `normalEmail`. */
  findByEmail(email: string): Promise<Account | null>;
  list(request: AccountListRequest): Promise<Page<Account>>;
  /** The changed account, or null where there is none. A password begins the next token generation. */
  update(id: string, changes: AccountChanges, change: Change): Promise<Account | null>;
  /**
   * The same for the password alone, and only while the hash `from` is in force: of two at once, one is made.
   * Null where there is no such account, or its hash is another.
   */
  changePassword(id: string, hashes: PasswordHashes, change: Change): Promise<Account | null>;
  /** Replaces a hash by another of the same password: tokens stay good. Does nothing unless `from` is in force. */
  rehashPassword(id: string, hashes: PasswordHashes): Promise<void>;
  /** Of `ids`, those that are accounts. */
  existing(ids: readonly string[]): Promise<string[]>;
  /** Whether there is any account. */
  any(): Promise<boolean>;
}
