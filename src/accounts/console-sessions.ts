import type { Account } from '../domain/account.ts';
import type { Actor } from '../domain/audit.ts';
import type { ConsoleSession, SignInMeans } from '../domain/console-session.ts';
import { ServiceError } from '../domain/errors.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import type { Authenticator, Identity } from './authenticator.ts';
import type { CredentialCache } from './credential-cache.ts';
import { consoleSecretHash, newConsoleSecret } from './secrets/console-secrets.ts';
import { type EmailAndPassword, type PasswordChange, SESSION_TTL_S, type Sessions } from './sessions.ts';

/** Milliseconds that a session lasts, if a person has signed in with a credential of the account. */
const SESSION_MS = SESSION_TTL_S * 1000;
/** Milliseconds for which a link can be used, and milliseconds that its session lasts: one hour each. */
const LINK_MS = 3_600_000;

export interface ConsoleSessionsOptions {
  readonly storage: Pick<Storage, 'accounts' | 'consoleSessions'>;
  readonly sessions: Pick<Sessions, 'accountOf' | 'replacePassword'>;
  readonly authenticator: Pick<Authenticator, 'identify'>;
  readonly credentials: Pick<CredentialCache, 'forgetSession'>;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** A session that was just opened, with the secret for its cookie. The secret is not stored. */
export interface OpenedSession {
  readonly identity: Identity;
  readonly secret: string;
}

/** Use cases of the web console's sessions: sign-in by password, API key or link, and sign-out. */
export class ConsoleSessions {
  readonly #options: ConsoleSessionsOptions;

  constructor(options: ConsoleSessionsOptions) {
    this.#options = options;
  }

  /** Signs in like `Sessions.signIn`. @returns null if the address or the password is wrong */
  async signInByPassword(given: EmailAndPassword, by: Actor): Promise<OpenedSession | null> {
    const account = await this.#options.sessions.accountOf(given, by);
    // `accountOf` has recorded the sign-in.
    return account && this.#open(account, 'password', null);
  }

  /** Signs in with an API key. The session has the rights of the key. @returns null if the key is refused */
  async signInByKey(
    pair: { readonly publicKey: string; readonly secretKey: string },
    by: Actor,
  ): Promise<OpenedSession | null> {
    const identity = await this.#options.authenticator.identify({ kind: 'api-key', ...pair });
    if (!identity?.apiKey) return null;
    const { account, apiKey } = identity;
    return this.#open(account, 'api_key', { ...by, accountId: account.id, credential: 'api_key', apiKey });
  }

  /** Signs in with the secret of a link, which ends the link. @returns null if it is unknown, used or too old */
  async signInByLink(link: string, by: Actor): Promise<OpenedSession | null> {
    const { storage, now } = this.#options;
    const secret = newConsoleSecret();
    const session = await storage.consoleSessions.redeemLink(
      consoleSecretHash(link),
      { ...opened(secret, 'link', now()), apiKeyId: null },
      { ...by, credential: 'console_link' },
    );
    return session && this.#identified(secret);
  }

  /**
   * Changes the password of an account, which ends all its sessions and tokens, and opens a new session.
   * @throws ServiceError `forbidden` when the current password is wrong
   */
  async changePassword(accountId: string, change: PasswordChange, by: Actor): Promise<OpenedSession> {
    return this.#open(await this.#options.sessions.replacePassword(accountId, change, by), 'password', null);
  }

  /** Ends a session. Once this fulfils, its cookie is refused. */
  async signOut({ id, userId }: ConsoleSession, by: Actor): Promise<void> {
    const { storage, credentials, now } = this.#options;
    await storage.consoleSessions.end(userId, id, { at: now(), by });
    await credentials.forgetSession(id);
  }

  /** Issues a link that signs the account in. @throws ServiceError `conflict` for a disabled account */
  issueLink(account: Account, by: Actor): Promise<IssuedLink> {
    const { storage, now } = this.#options;
    return issueConsoleLink(storage, account, { at: now(), by });
  }

  async #open(account: Account, means: SignInMeans, by: Actor | null): Promise<OpenedSession> {
    const { storage, now } = this.#options;
    const secret = newConsoleSecret();
    const { id: userId, tokenGeneration: generation } = account;
    const apiKeyId = by?.apiKey?.id ?? null;
    const session = { ...opened(secret, means, now()), userId, generation, apiKeyId };
    await storage.consoleSessions.create(session, by);
    return this.#identified(secret);
  }

  /** Returns the session as requests will find it. */
  async #identified(secret: string): Promise<OpenedSession> {
    const identity = await this.#options.authenticator.identify({ kind: 'console', secret });
    if (!identity) throw new ServiceError('conflict', 'the session has ended: sign in again');
    return { identity, secret };
  }
}

function opened(secret: string, means: SignInMeans, now: number) {
  const expiresAt = now + (means === 'link' ? LINK_MS : SESSION_MS);
  return { id: consoleSecretHash(secret), means, createdAt: now, expiresAt };
}

export interface IssuedLink {
  /** Secret of the link, which is not stored. */
  readonly secret: string;
  /** Time until which the link can be used, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Issues a link that signs an account in to the web console once, for an hour.
 * @throws ServiceError `conflict` for a disabled account
 */
export async function issueConsoleLink(
  { consoleSessions }: Pick<Storage, 'consoleSessions'>,
  { id: userId, isDisabled }: Account,
  { at, by }: { readonly at: number; readonly by: Actor },
): Promise<IssuedLink> {
  if (isDisabled) throw new ServiceError('conflict', 'the account is disabled: enable it first');
  const secret = newConsoleSecret();
  const expiresAt = at + LINK_MS;
  await consoleSessions.createLink({ id: consoleSecretHash(secret), userId, createdAt: at, expiresAt }, by);
  return { secret, expiresAt };
}

/** Returns the URL of a link. Its secret is in the fragment, which browsers do not send, so that it is in no log. */
export function consoleLinkUrl(publicUrl: string, { secret }: IssuedLink): string {
  return `${publicUrl}/console/#link=${secret}`;
}
