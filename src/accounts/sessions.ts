import { type Account, normalEmail } from '../domain/account.ts';
import type { Actor, AuditAction } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import type { CredentialCache } from './credential-cache.ts';
import type { Passwords } from './passwords.ts';
import type { Tokens } from './tokens.ts';

/** Lifetime of a session in seconds: 12 hours, enough for a day's work. */
export const SESSION_TTL_S = 12 * 3600;

export interface SessionsOptions {
  readonly storage: Pick<Storage, 'accounts' | 'audit'>;
  readonly tokens: Pick<Tokens, 'issue'>;
  readonly passwords: Pick<Passwords, 'hash' | 'verify' | 'isOutdated'>;
  readonly credentials: CredentialCache;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

export interface EmailAndPassword {
  readonly email: string;
  readonly password: string;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
}

/** Result of a sign-in or a password change: the account and a new bearer token. */
export interface Session {
  readonly account: Account;
  readonly token: string;
  /** Time at which the token expires, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Use cases of passwords: signing in with a password, and changing the password of one's own account. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * Opens a session for an email address and its password. Returns `null` for an unknown address, a wrong
   * password, an account without a password and a disabled account. All four cases take the same time, so
   * that a caller can't find out which addresses have an account. If the account exists, the audit log
   * records the sign-in or the refusal.
   * @param by actor without an account, because the password is not verified yet
   * @throws ServiceError `overloaded`; `storage_full`, because a session is opened only after its audit
   * record was stored
   */
  async signIn(given: EmailAndPassword, by: Actor): Promise<Session | null> {
    const account = await this.accountOf(given, by);
    return account && this.#open(account);
  }

  /** Checks a password as `signIn` does, and records the same, but opens no session. */
  async accountOf({ email, password }: EmailAndPassword, by: Actor): Promise<Account | null> {
    const { storage, passwords } = this.#options;
    const account = await storage.accounts.findByEmail(normalEmail(email));
    const hash = account?.passwordHash ?? null;
    const isRight = await passwords.verify(password, hash);
    if (!account) return null;
    if (hash === null || !isRight || account.isDisabled) {
      // The method does not wait until the audit record is stored, because the longer duration would reveal
      // that the account exists. If the disk is full, the sign-in is refused without a record.
      void this.#record('account.sign_in_refused', account.id, by).catch(() => undefined);
      return null;
    }
    await this.#record('account.signed_in', account.id, { ...by, accountId: account.id });
    if (passwords.isOutdated(hash)) await this.#renewHash(account.id, password, hash);
    return account;
  }

  /**
   * Changes the password of an account, ends all sessions and tokens of the account, and opens a new session.
   * @throws ServiceError `forbidden` when `current` is wrong
   */
  async changePassword(accountId: string, change: PasswordChange, by: Actor): Promise<Session> {
    return this.#open(await this.replacePassword(accountId, change, by));
  }

  /** Changes a password as `changePassword` does, but opens no session. */
  async replacePassword(accountId: string, { current, next }: PasswordChange, by: Actor): Promise<Account> {
    const { storage, passwords, credentials, now } = this.#options;
    // The account is read again, because the account of the request comes from a cache and might be outdated.
    const account = await storage.accounts.find(accountId);
    const hash = account?.passwordHash ?? null;
    const isRight = await passwords.verify(current, hash);
    // A wrong password is recorded, because a person who has a session but not the password might be an
    // intruder.
    if (account && !isRight) await this.#record('account.sign_in_refused', accountId, by);
    if (hash === null || !isRight) throw wrongPassword();
    const hashes = { from: hash, to: await passwords.hash(next) };
    const changed = await storage.accounts.changePassword(accountId, hashes, { at: now(), by });
    if (!changed) throw wrongPassword();
    await credentials.forgetAccount(accountId);
    return changed;
  }

  #record(action: AuditAction, accountId: string, by: Actor): Promise<void> {
    const { storage, now } = this.#options;
    return storage.audit.add({ at: now(), accountId, action, targetId: accountId }, by);
  }

  /**
   * Replaces the stored hash by a hash with the present parameters. If that fails with a `ServiceError`, the
   * old hash stays, and the next sign-in tries again.
   */
  async #renewHash(accountId: string, password: string, hash: string): Promise<void> {
    const { storage, passwords } = this.#options;
    try {
      await storage.accounts.rehashPassword(accountId, { from: hash, to: await passwords.hash(password) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
    }
  }

  async #open(account: Account): Promise<Session> {
    const { tokens, now } = this.#options;
    const at = now();
    const { tokenGeneration: generation } = account;
    const token = await tokens.issue(account.id, { ttl: SESSION_TTL_S, now: at, generation });
    return { account, token, expiresAt: (Math.floor(at / 1000) + SESSION_TTL_S) * 1000 };
  }
}

function wrongPassword(): ServiceError {
  return new ServiceError('forbidden', 'the current password is wrong');
}
