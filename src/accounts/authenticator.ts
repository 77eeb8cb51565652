import { hash } from 'node:crypto';
import type { Account, ApiKeyType } from '../domain/account.ts';
import type { Actor } from '../domain/audit.ts';
import type { ConsoleSession } from '../domain/console-session.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import type { CredentialCache } from './credential-cache.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { isExpired, secretMatches } from './secrets/api-key-secrets.ts';
import { consoleSecretHash } from './secrets/console-secrets.ts';
import type { Tokens } from './tokens.ts';
import { UsageThrottle } from './usage-throttle.ts';

/** Credential that a request carries. */
export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'api-key'; readonly publicKey: string; readonly secretKey: string }
  /** Secret of a session in the web console. */
  | { readonly kind: 'console'; readonly secret: string };

/** Account that a request acts for, and the credential that proves it. */
export interface Identity {
  readonly account: Account;
  readonly credential: 'token' | 'api_key' | 'identity_provider' | 'console';
  /** `null`: the credential is neither an API key, nor a session that was opened with one. */
  readonly apiKey: Actor['apiKey'];
  readonly access: ApiKeyType;
  /** Session in the web console; `null`: the credential is of another kind. */
  readonly session: ConsoleSession | null;
}

export interface AuthenticatorOptions {
  readonly storage: Storage;
  readonly tokens: Tokens;
  /** `null`: no identity provider is set, so the only accepted tokens are the service's own. */
  readonly identityProvider: IdentityProvider | null;
  /** Returns milliseconds since the epoch. Credentials expire by this time. */
  readonly now: () => number;
  /** Returns milliseconds of a monotonic clock. Entries leave the cache by this time. */
  readonly monotonicNow: () => number;
}

/** Time at which the credential of a request was accepted, and the number of revocations at that time. */
export interface Admission {
  /** Time of the acceptance, in milliseconds since the epoch. */
  readonly admittedAt: number;
  /** Time of the acceptance, by a monotonic clock. */
  readonly admittedMonotonic: number;
  /** Value of `Authenticator.revocations` when the credential was accepted. */
  readonly revocations: number;
}

/** An accepted credential in the cache. */
export interface Accepted extends Found {
  /** Time of the monotonic clock at which the cache entry ends. */
  readonly until: number;
}

/** A credential that was looked up and found good. */
interface Found {
  readonly identity: Identity;
  /** Time at which the credential expires, in milliseconds since the epoch. `Infinity`: it never expires. */
  readonly expiresAt: number;
}

/**
 * Milliseconds for which an accepted credential stays in the cache. A credential that this process itself
 * revokes is deleted from the cache at once.
 */
const CACHE_MS = 5_000;
/**
 * Maximum number of accepted credentials in the cache, and also the maximum number of refused credentials
 * that are remembered. In both cases, the oldest is removed first.
 */
const CACHED_CREDENTIALS = 10_000;

/**
 * The methods of the authenticator that are called during a request. The methods that delete cache entries
 * are left out. Only use cases call those methods, after a change of an account or a key.
 */
export type RequestAuthenticator = Pick<
  Authenticator,
  | 'now'
  | 'monotonicNow'
  | 'revocations'
  | 'recallAccepted'
  | 'isAccepted'
  | 'identify'
  | 'mayBeRevoked'
  | 'wasRevoked'
>;

/**
 * Finds the account that a credential belongs to. The result is cached for `CACHE_MS`, because finding the
 * account costs look-ups in the database and one or two hashes.
 */
export class Authenticator implements CredentialCache {
  readonly #options: AuthenticatorOptions;
  readonly #accepted = new Map<string, Accepted>();
  /**
   * For the fingerprint of a credential, the look-up of this credential that is in progress. Requests with
   * the same credential share the look-up. So an accepted credential is looked up at most once in `CACHE_MS`.
   */
  readonly #inProgress = new Map<string, Promise<Identity | null>>();
  /**
   * Fingerprints of credentials that were refused when they were last looked up. Another request with such a
   * credential makes a new look-up, but does not count as a guess of a credential.
   */
  readonly #refused = new Set<string>();
  readonly #uses = new UsageThrottle();
  /**
   * Number of revocations so far. The result of a look-up that began before the last revocation must not
   * enter the cache.
   */
  #revocations = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Returns the current time in milliseconds since the epoch. */
  now(): number {
    return this.#options.now();
  }

  /** Returns milliseconds of a monotonic clock. */
  monotonicNow(): number {
    return this.#options.monotonicNow();
  }

  /** Number of revocations of which this process has been notified since its start. */
  get revocations(): number {
    return this.#revocations;
  }

  /** Returns the identity of a credential that is in the cache; `null`: the credential must be looked up. */
  recall(credential: Credential): Identity | null {
    const accepted = this.#accepted.get(fingerprint(credential));
    return accepted && this.#isCurrent(accepted) ? accepted.identity : null;
  }

  /** Returns the entry of a credential that is in the cache at the time `at`; `null`: it must be looked up. */
  recallAccepted(credential: Credential, at: Admission): Accepted | null {
    const accepted = this.#accepted.get(fingerprint(credential));
    return accepted && this.isAccepted(accepted, at) ? accepted : null;
  }

  /**
   * Returns whether a cached credential has neither left the cache nor expired at the time `at`. The caller must
   * have found the entry in the cache, and must ask no more once `revocations` has changed.
   */
  isAccepted({ until, expiresAt }: Accepted, at: Admission): boolean {
    return until > at.admittedMonotonic && expiresAt > at.admittedAt;
  }

  /**
   * Returns the identity of a credential; `null`: the credential is refused. Requests that carry the same
   * credential at the same time share one look-up.
   * @param onGuess is called before the look-up of a credential that was neither accepted nor refused before,
   * because such a credential might be a guess. A repeated credential is not a guess, because an attacker
   * does not repeat a guess. If `onGuess` throws, `identify` rejects with that error
   * @throws ServiceError `unavailable` for a token of an identity provider whose keys can't be loaded
   */
  async identify(credential: Credential, onGuess: () => void = () => undefined): Promise<Identity | null> {
    const name = fingerprint(credential);
    const accepted = this.#accepted.get(name);
    if (accepted && this.#isCurrent(accepted)) return accepted.identity;
    const inProgress = this.#inProgress.get(name);
    if (inProgress) return inProgress;
    if (!accepted && !this.#refused.has(name)) onGuess();
    const lookUp = this.#lookUp(credential, name).finally(() => {
      if (this.#inProgress.get(name) === lookUp) this.#inProgress.delete(name);
    });
    this.#inProgress.set(name, lookUp);
    return lookUp;
  }

  async #lookUp(credential: Credential, name: string): Promise<Identity | null> {
    const now = this.#options.now();
    const until = this.#options.monotonicNow() + CACHE_MS;
    const revocations = this.#revocations;
    const found = await this.#find(credential, now);
    if (found?.identity.apiKey) this.#touch(found.identity.apiKey.id, now);
    this.#accepted.delete(name);
    if (!found) {
      this.#refused.add(name);
      evictOldest(this.#refused);
      return null;
    }
    this.#refused.delete(name);
    if (revocations === this.#revocations) {
      this.#accepted.set(name, { ...found, until });
      evictOldest(this.#accepted);
    }
    return found.identity;
  }

  /**
   * Returns whether a credential that was accepted at `since` must be looked up again. A new look-up is
   * needed if the number of revocations has changed since then. It is also needed after `CACHE_MS`, because
   * another process might have revoked the credential. This method itself makes no look-up.
   */
  mayBeRevoked(since: Admission): boolean {
    const age = this.#options.monotonicNow() - since.admittedMonotonic;
    return since.revocations !== this.#revocations || age >= CACHE_MS;
  }

  /**
   * Returns whether a credential that was accepted at the time `since` has been revoked. A credential that
   * has only expired since then does not count as revoked.
   */
  async wasRevoked(credential: Credential, since: number): Promise<boolean> {
    if (this.recall(credential)) return false;
    return (await this.#find(credential, since)) === null;
  }

  forgetApiKey(id: string): void {
    this.#forget(({ apiKey }) => apiKey?.id === id);
  }

  forgetSession(id: string): void {
    this.#forget(({ session }) => session?.id === id);
  }

  forgetAccount(id: string): void {
    this.#forget(({ account }) => account.id === id);
  }

  /**
   * Empties the cache. Is called when another process has revoked a credential, because this process does not
   * know which one.
   */
  forgetAll(): void {
    this.#forget(() => true);
  }

  #forget(isEnded: (identity: Identity) => boolean): void {
    this.#revocations += 1;
    // Later requests must not share a look-up that began before the revocation.
    this.#inProgress.clear();
    for (const [name, { identity }] of this.#accepted) {
      if (isEnded(identity)) this.#accepted.delete(name);
    }
  }

  #isCurrent({ until, expiresAt }: Accepted): boolean {
    return until > this.#options.monotonicNow() && expiresAt > this.#options.now();
  }

  #find(credential: Credential, now: number): Promise<Found | null> {
    switch (credential.kind) {
      case 'token':
        return this.#byToken(credential.token, now);
      case 'api-key':
        return this.#byApiKey(credential.publicKey, credential.secretKey, now);
      case 'console':
        return this.#bySession(credential.secret, now);
    }
  }

  async #byToken(token: string, now: number): Promise<Found | null> {
    const { identityProvider } = this.#options;
    if (identityProvider?.claims(token)) return this.#byProvider(identityProvider, token, now);
    const claims = await this.#options.tokens.verify(token, now);
    const account = claims && (await this.#options.storage.accounts.find(claims.userId));
    if (!claims || !account || account.isDisabled) return null;
    if (claims.generation !== account.tokenGeneration) return null;
    return withToken('token', account, claims.expiresAt);
  }

  async #byProvider(provider: IdentityProvider, token: string, now: number): Promise<Found | null> {
    const claims = await provider.verify(token, now);
    if (!claims) return null;
    const { accounts } = this.#options.storage;
    const account =
      'id' in claims.account
        ? await accounts.find(claims.account.id)
        : await accounts.findByEmail(claims.account.email);
    return account && !account.isDisabled ? withToken('identity_provider', account, claims.expiresAt) : null;
  }

  async #byApiKey(publicKey: string, secretKey: string, now: number): Promise<Found | null> {
    const { storage } = this.#options;
    const key = await storage.apiKeys.findByPublicKey(publicKey);
    if (!key || !secretMatches(key, secretKey) || isExpired(key, now)) return null;
    const account = await storage.accounts.find(key.userId);
    if (!account || account.isDisabled) return null;
    const apiKey = { id: key.id, publicKey };
    const identity: Identity = { account, credential: 'api_key', apiKey, access: key.type, session: null };
    return { identity, expiresAt: key.expiresAt ?? Number.POSITIVE_INFINITY };
  }

  /** Finds the session of a secret. A session that was opened with an API key has its rights, and ends with it. */
  async #bySession(secret: string, now: number): Promise<Found | null> {
    const { storage } = this.#options;
    const found = await storage.consoleSessions.find(consoleSecretHash(secret));
    if (!found || found.session.expiresAt <= now) return null;
    const { session, apiKey: key } = found;
    if (key && isExpired(key, now)) return null;
    const account = await storage.accounts.find(session.userId);
    if (!account || account.isDisabled || account.tokenGeneration !== session.generation) return null;
    const apiKey = key && { id: key.id, publicKey: key.publicKey };
    const access = key?.type ?? 'full_access';
    const expiresAt = Math.min(session.expiresAt, key?.expiresAt ?? Number.POSITIVE_INFINITY);
    return { identity: { account, credential: 'console', apiKey, access, session }, expiresAt };
  }

  /** Stores the last use of a key. No request waits for this, because a locked database or a full disk must not lock accounts out. */
  #touch(id: string, now: number): void {
    if (!this.#uses.isDue(id, this.#options.monotonicNow())) return;
    // After a failed write, the key's next use is stored.
    this.#options.storage.apiKeys.touch([{ id, at: now }]).catch(() => this.#uses.forget(id));
  }
}

function evictOldest(names: Pick<Map<string, unknown>, 'size' | 'keys' | 'delete'>): void {
  if (names.size <= CACHED_CREDENTIALS) return;
  const [oldest] = names.keys();
  if (oldest !== undefined) names.delete(oldest);
}

function withToken(credential: 'token' | 'identity_provider', account: Account, expiresAt: number): Found {
  const identity: Identity = { account, credential, apiKey: null, access: 'full_access', session: null };
  return { identity, expiresAt };
}

/** Returns a hash that identifies a credential. The credential can't be restored from the hash. */
function fingerprint(credential: Credential): string {
  return hash('sha256', textOf(credential), 'base64');
}

function textOf(credential: Credential): string {
  switch (credential.kind) {
    case 'token':
      return `token\n${credential.token}`;
    case 'api-key':
      return `api-key\n${credential.publicKey}\n${credential.secretKey}`;
    case 'console':
      return `console\n${credential.secret}`;
  }
}
