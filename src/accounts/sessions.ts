import { type Account, normalEmail } from '../domain/account.ts';
import type { Actor, AuditAction } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { isOutdated, type Passwords } from './passwords.ts';
import type { Tokens } from './tokens.ts';

/** How long a session lasts, in seconds: a day's work. */
export const SESSION_TTL_S = 12 * 3600;

export interface SignInParts {
  readonly storage: Storage;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Session {
  readonly account: Account;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * A session for whoever knows the password. Null, after the same time, for an unknown address, a wrong password, an
 * account that has none and one that is disabled: nobody learns who has an account. Both ends are recorded, for
 * accounts that there are. Rejects with `ApiError('overloaded')`, and `ApiError('storage_full')`: there is no session
 * without its record.
 * @param by names no account: whose password it is has yet to be seen
 */
export async function signIn(
  parts: SignInParts,
  { email, password }: { email: string; password: string },
  by: Actor,
): Promise<Session | null> {
  const { storage, passwords, now } = parts;
  const account = await storage.accounts.findByEmail(normalEmail(email));
  const hash = account?.passwordHash ?? null;
  const isRight = await passwords.verify(password, hash);
  if (!account) return null;
  const note = (action: AuditAction, actor: Actor) =>
    storage.audit.add({ at: now(), accountId: account.id, action, targetId: account.id }, actor);
  if (hash === null || !isRight || account.isDisabled) {
    // Not waited for: the time of a commit would tell that there is such an account. A disk that is full changes nothing.
    void note('account.sign_in_refused', by).catch(() => undefined);
    return null;
  }
  await note('account.signed_in', { ...by, accountId: account.id });
  if (isOutdated(hash)) await renewHash(parts, { accountId: account.id, password, hash });
  return openSession(parts, account);
}

/** Where there is no time or no room for it, the next sign-in does it. */
async function renewHash(
  { storage, passwords }: SignInParts,
  { accountId, password, hash }: { accountId: string; password: string; hash: string },
): Promise<void> {
  try {
    await storage.accounts.rehashPassword(accountId, { from: hash, to: await passwords.hash(password) });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
}

/**
 * Changes a password, and ends every session and token of before.
 * @throws ApiError `forbidden` where the current password is another
 */
export async function changePassword(
  parts: SignInParts,
  accountId: string,
  { current, next }: { current: string; next: string },
  by: Actor,
): Promise<Session> {
  const { storage, passwords, now } = parts;
  // That of the request may have been remembered from before another change.
  const account = await storage.accounts.find(accountId);
  const hash = account?.passwordHash ?? null;
  const isRight = await passwords.verify(current, hash);
  const wrong = new ServiceError('forbidden', 'the current password is another');
  if (account && !isRight) {
    // Whoever has a session, and not the password, is worth knowing of.
    const refused = { accountId, action: 'account.sign_in_refused', targetId: accountId } as const;
    await storage.audit.add({ at: now(), ...refused }, by);
  }
  if (hash === null || !isRight) throw wrong;
  const to = await passwords.hash(next);
  const changed = await storage.accounts.changePassword(accountId, { from: hash, to }, { at: now(), by });
  if (!changed) throw wrong;
  return openSession(parts, changed);
}

async function openSession({ tokens, now }: SignInParts, account: Account): Promise<Session> {
  const at = now();
  const { tokenGeneration: generation } = account;
  const token = await tokens.issue(account.id, { ttl: SESSION_TTL_S, now: at, generation });
  return { account, token, expiresAt: (Math.floor(at / 1000) + SESSION_TTL_S) * 1000 };
}
