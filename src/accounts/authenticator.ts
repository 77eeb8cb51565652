import { hash } from 'node:crypto';
import type { Account, ApiKeyType } from '../domain/account.ts';
import type { Actor } from '../domain/audit.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { isExpired, secretMatches } from './api-key-secrets.ts';
import type { CredentialCache } from './credential-cache.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { Tokens } from './tokens.ts';
import { UsageThrottle } from './usage-throttle.ts';

/** Credential that a request carries. */
export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'api-key'; readonly publicKey: string; readonly secretKey: string };

/** Account that a request acts for, and the credential that proves it. */
export interface Identity {
  readonly account: Account;
  readonly credential: 'token' | 'api_key' | 'identity_provider';
  /** `null`: the credential is a bearer token. */
  readonly apiKey: Actor['apiKey'];
  readonly access: ApiKeyType;
}

export interface AuthenticatorOptions {
  readonly storage: Storage;
  readonly tokens: Tokens;
  /** `null`: only the service's own tokens are accepted. */
  readonly identityProvider: IdentityProvider | null;
  readonly now: () => number;
}

/** Moment at which a credential was accepted. */
export interface Admission {
  /** Milliseconds since the epoch. */
  readonly admittedAt: number;
  /** Value of `Authenticator.revocations` at that moment. */
  readonly revocations: number;
}

/** An accepted credential in the cache. */
interface Accepted {
  readonly identity: Identity;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Milliseconds for which an accepted credential is served from the cache. A removal through the API ends it at once. */
const CACHE_MS = 5_000;
/** Maximum number of cached credentials. The oldest is evicted first. */
const CACHED_CREDENTIALS = 10_000;

/** Part of the authenticator that requests need. Only use cases may empty its cache, because they know of every change. */
export type RequestAuthenticator = Pick<
  Authenticator,
  'now' | 'revocations' | 'recall' | 'identify' | 'mayBeRevoked' | 'wasRevoked'
>;

/**
 * Finds the account of a credential. The result is cached for a moment, because finding it costs a look-up and one or two
 * hashes.
 */
export class Authenticator implements CredentialCache {
  readonly #options: AuthenticatorOptions;
  readonly #accepted = new Map<string, Accepted>();
  /**
   * Look-ups in progress. Requests with the same credential share one, so that an accepted credential is looked up once
   * in `CACHE_MS`.
   */
  readonly #inProgress = new Map<string, Promise<Identity | null>>();
  /** Credentials that were refused at their last look-up. Each request looks them up again. */
  readonly #refused = new Set<string>();
  readonly #uses = new UsageThrottle();
  /** Number of revocations. A look-up that began before the last one must not enter the cache. */
  #revocations = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#options.now();
  }

  /** Number of revocations that this process knows of. */
  get revocations(): number {
    return this.#revocations;
  }

  /** Returns the identity of a cached credential; `null`: it must be looked up. */
  recall(credential: Credential): Identity | null {
    const accepted = this.#accepted.get(fingerprint(credential));
    return accepted && accepted.until > this.#options.now() ? accepted.identity : null;
  }

  /**
   * Returns the identity of a credential; `null`: it is refused, for whatever reason. Requests that carry the same
   * credential at the same time share one look-up.
   * @param onGuess is called before a credential is looked up that may be a guess: it was neither accepted nor refused
   * before, because nobody guesses the same twice. An error that it throws is thrown
   * @throws ServiceError `unavailable` for a token of an identity provider whose keys can't be loaded
   */
  async identify(credential: Credential, onGuess: () => void = () => undefined): Promise<Identity | null> {
    const name = fingerprint(credential);
    const accepted = this.#accepted.get(name);
    if (accepted && accepted.until > this.#options.now()) return accepted.identity;
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
    const revocations = this.#revocations;
    const found = await this.#find(credential, now);
    if (found?.identity.apiKey) await this.#touch(found.identity.apiKey.id, now);
    this.#accepted.delete(name);
    if (!found) {
      this.#refused.add(name);
      evictOldest(this.#refused);
      return null;
    }
    this.#refused.delete(name);
    if (revocations === this.#revocations) {
      this.#accepted.set(name, found);
      evictOldest(this.#accepted);
    }
    return found.identity;
  }

  /**
   * Returns whether an accepted credential must be looked up again, because something was revoked since, or because
   * another process may have revoked something. This costs no look-up.
   */
  mayBeRevoked(since: Admission): boolean {
    const age = this.#options.now() - since.admittedAt;
    // A negative age means that the clock was set back, so that the real age is unknown.
    return since.revocations !== this.#revocations || age >= CACHE_MS || age < 0;
  }

  /** Returns whether a credential that was accepted at `since` was revoked. An expired credential is not revoked. */
  async wasRevoked(credential: Credential, since: number): Promise<boolean> {
    if (this.recall(credential)) return false;
    return (await this.#find(credential, since)) === null;
  }

  forgetApiKey(id: string): void {
    this.#forget(({ apiKey }) => apiKey?.id === id);
  }

  forgetAccount(id: string): void {
    this.#forget(({ account }) => account.id === id);
  }

  /** Is called when another process has revoked something, and it is not known what. */
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

  #find(credential: Credential, now: number): Promise<Accepted | null> {
    return credential.kind === 'token'
      ? this.#byToken(credential.token, now)
      : this.#byApiKey(credential.publicKey, credential.secretKey, now);
  }

  async #byToken(token: string, now: number): Promise<Accepted | null> {
    const { identityProvider } = this.#options;
    if (identityProvider?.claims(token)) return this.#byProvider(identityProvider, token, now);
    const claims = await this.#options.tokens.verify(token, now);
    const account = claims && (await this.#options.storage.accounts.find(claims.userId));
    if (!claims || !account || account.isDisabled) return null;
    if (claims.generation !== account.tokenGeneration) return null;
    return withToken('token', account, now, claims.expiresAt);
  }

  async #byProvider(provider: IdentityProvider, token: string, now: number): Promise<Accepted | null> {
    const claims = await provider.verify(token, now);
    if (!claims) return null;
    const { accounts } = this.#options.storage;
    const account =
      'id' in claims.account
        ? await accounts.find(claims.account.id)
        : await accounts.findByEmail(claims.account.email);
    return account && !account.isDisabled
      ? withToken('identity_provider', account, now, claims.expiresAt)
      : null;
  }

  async #byApiKey(publicKey: string, secretKey: string, now: number): Promise<Accepted | null> {
    const { storage } = this.#options;
    const key = await storage.apiKeys.findByPublicKey(publicKey);
    if (!key || !secretMatches(key, secretKey) || isExpired(key, now)) return null;
    const account = await storage.accounts.find(key.userId);
    if (!account || account.isDisabled) return null;
    const apiKey = { id: key.id, publicKey };
    const identity: Identity = { account, credential: 'api_key', apiKey, access: key.type };
    return { identity, until: Math.min(now + CACHE_MS, key.expiresAt ?? Number.POSITIVE_INFINITY) };
  }

  async #touch(id: string, now: number): Promise<void> {
    if (!this.#uses.isDue(id, now)) return;
    // A full disk must not lock anybody out, so a failure only leaves the time of the last use outdated.
    await this.#options.storage.apiKeys.touch([{ id, at: now }]).catch(() => undefined);
  }
}

function evictOldest(names: Pick<Map<string, unknown>, 'size' | 'keys' | 'delete'>): void {
  if (names.size <= CACHED_CREDENTIALS) return;
  const [oldest] = names.keys();
  if (oldest !== undefined) names.delete(oldest);
}

function withToken(
  credential: 'token' | 'identity_provider',
  account: Account,
  now: number,
  expiresAt: number,
): Accepted {
  const identity: Identity = { account, credential, apiKey: null, access: 'full_access' };
  return { identity, until: Math.min(now + CACHE_MS, expiresAt) };
}

/** Returns a name for a credential from which the credential can't be restored. */
function fingerprint(credential: Credential): string {
  const text =
    credential.kind === 'token'
      ? `token\n${credential.token}`
      : `api-key\n${credential.publicKey}\n${credential.secretKey}`;
  return hash('sha256', text, 'base64');
}
