import { type Account, normalEmail } from '../domain/account.ts';
import type { Actor, AuditAction } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import type { CredentialCache } from './credential-cache.ts';
import { isOutdated, type Passwords } from './passwords.ts';
import type { Tokens } from './tokens.ts';

/** Seconds that a session lasts: a day's work. */
const SESSION_TTL_S = 12 * 3600;

export interface SessionsOptions {
  readonly storage: Pick<Storage, 'accounts' | 'audit'>;
  readonly tokens: Pick<Tokens, 'issue'>;
  readonly passwords: Pick<Passwords, 'hash' | 'verify'>;
  readonly credentials: CredentialCache;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A bearer token that was given for a password. */
export interface Session {
  readonly account: Account;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Use cases of passwords: signing in with one, and changing one's own. */
export class Sessions {
  readonly #options: SessionsOptions;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /**
   * Opens a session for an email address and its password. Returns `null` for an unknown address, a wrong password, an
   * account without a password and a disabled account. All four take the same time, so that nobody learns which
   * addresses have an account. Both a sign-in and a refusal are recorded, if the account exists.
   * @param by names no account, because the password is not verified yet
   * @throws ServiceError `overloaded`; `storage_full`, because there is no session without its record
   */
  async signIn(
    { email, password }: { readonly email: string; readonly password: string },
    by: Actor,
  ): Promise<Session | null> {
    const { storage, passwords } = this.#options;
    const account = await storage.accounts.findByEmail(normalEmail(email));
    const hash = account?.passwordHash ?? null;
    const isRight = await passwords.verify(password, hash);
    if (!account) return null;
    if (hash === null || !isRight || account.isDisabled) {
      // Not awaited, because the time of a commit would tell that the account exists. A full disk changes nothing.
      void this.#record('account.sign_in_refused', account.id, by).catch(() => undefined);
      return null;
    }
    await this.#record('account.signed_in', account.id, { ...by, accountId: account.id });
    if (isOutdated(hash)) await this.#renewHash(account.id, password, hash);
    return this.#open(account);
  }

  /**
   * Changes the password of an account, ends all its sessions and tokens, and opens a new session.
   * @throws ServiceError `forbidden` when `current` is wrong
   */
  async changePassword(
    accountId: string,
    { current, next }: { readonly current: string; readonly next: string },
    by: Actor,
  ): Promise<Session> {
    const { storage, passwords, credentials, now } = this.#options;
    // Read again, because the account of the request may come from a cache that is older than another change.
    const account = await storage.accounts.find(accountId);
    const hash = account?.passwordHash ?? null;
    const isRight = await passwords.verify(current, hash);
    // Recorded, because somebody with a session but without the password may be an intruder.
    if (account && !isRight) await this.#record('account.sign_in_refused', accountId, by);
    if (hash === null || !isRight) throw wrongPassword();
    const hashes = { from: hash, to: await passwords.hash(next) };
    const changed = await storage.accounts.changePassword(accountId, hashes, { at: now(), by });
    if (!changed) throw wrongPassword();
    await credentials.forgetAccount(accountId);
    return this.#open(changed);
  }

  #record(action: AuditAction, accountId: string, by: Actor): Promise<void> {
    const { storage, now } = this.#options;
    return storage.audit.add({ at: now(), accountId, action, targetId: accountId }, by);
  }

  /** Hashes the password with the present parameters. When that is refused, the next sign-in tries again. */
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
