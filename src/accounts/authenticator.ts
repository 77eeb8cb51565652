import { hash } from 'node:crypto';
import type { Account, ApiKeyType } from '../domain/account.ts';
import type { Actor } from '../domain/audit.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { isExpired, secretMatches } from './api-key-secrets.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { Tokens } from './tokens.ts';
import { UsageThrottle } from './usage-throttle.ts';

/** What a request brought to say who it is. */
export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'api-key'; readonly publicKey: string; readonly secretKey: string };

/** Who a request speaks for. */
export interface Identity {
  readonly account: Account;
  readonly credential: 'token' | 'api_key' | 'identity_provider';
  /** Null for a bearer token. */
  readonly apiKey: Actor['apiKey'];
  readonly access: ApiKeyType;
}

export interface AuthenticatorOptions {
  readonly storage: Storage;
  readonly tokens: Tokens;
  /** Null where tokens are the service's own alone. */
  readonly identityProvider: IdentityProvider | null;
  readonly now: () => number;
}

/** When a credential was taken for good. */
export interface Admission {
  /** Milliseconds since the epoch. */
  readonly admittedAt: number;
  readonly revocations: number;
}

interface Remembered {
  readonly identity: Identity;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** How long a credential that was found good is taken for good unasked. Removing a key by the API ends it at once. */
const REMEMBER_MS = 5_000;
/** Credentials remembered at once; the oldest go first. */
const REMEMBERED = 10_000;

/** Tells who a request speaks for, and remembers it for a moment: an answer costs a look-up and a hash or two. */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #remembered = new Map<string, Remembered>();
  /** Those being looked at. Each good one is here once in `REMEMBER_MS`, so that no request adds to it by itself. */
  readonly #underWay = new Map<string, Promise<Identity | null>>();
  /** Those that were not good when they were looked at last. They are looked at again each time. */
  readonly #refused = new Set<string>();
  readonly #uses = new UsageThrottle();
  /** Counts what was forgotten: what was looked up before must not be remembered after. */
  #forgotten = 0;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#options.now();
  }

  /** Counts the revocations that this process knows of. */
  get revocations(): number {
    return this.#forgotten;
  }

  /** Who a credential that was found good a moment ago stands for; null where it has to be looked at. */
  recall(credential: Credential): Identity | null {
    const remembered = this.#remembered.get(fingerprint(credential));
    return remembered && remembered.until > this.#options.now() ? remembered.identity : null;
  }

  /**
   * Null when the credential is not good, whatever the reason. Rejects with `ApiError('unavailable')` for a token of an
   * identity provider whose keys can't be had. Requests that bring the same one at the same time have
   * it looked at once.
   * @param onGuess called before a credential is looked at that may be a guess: one that was not good before, nor
   * refused; nobody guesses the same twice. What it throws is thrown
   */
  async identify(credential: Credential, onGuess: () => void = () => undefined): Promise<Identity | null> {
    const name = fingerprint(credential);
    const remembered = this.#remembered.get(name);
    if (remembered && remembered.until > this.#options.now()) return remembered.identity;
    const underWay = this.#underWay.get(name);
    if (underWay) return underWay;
    if (!remembered && !this.#refused.has(name)) onGuess();
    const looking = this.#look(credential, name).finally(() => {
      if (this.#underWay.get(name) === looking) this.#underWay.delete(name);
    });
    this.#underWay.set(name, looking);
    return looking;
  }

  async #look(credential: Credential, name: string): Promise<Identity | null> {
    const now = this.#options.now();
    const forgotten = this.#forgotten;
    const found = await this.#find(credential, now);
    if (found?.identity.apiKey) await this.#touch(found.identity.apiKey.id, now);
    this.#remembered.delete(name);
    if (!found) {
      this.#refused.add(name);
      forgetOldest(this.#refused);
      return null;
    }
    this.#refused.delete(name);
    if (forgotten === this.#forgotten) this.#remember(name, found);
    return found.identity;
  }

  /**
   * Whether a credential that was taken for good has to be asked for again, as something was revoked since, or may have
   * been by another process. No look-up.
   * @param since when it was taken for good, and how many `revocations` there were
   */
  mayBeRevoked(since: Admission): boolean {
    const age = this.#options.now() - since.admittedAt;
    // A clock that was set back tells nothing.
    return since.revocations !== this.#forgotten || age >= REMEMBER_MS || age < 0;
  }

  /** Whether a credential that was good at `since` was revoked. One that has merely expired was not. */
  async wasRevoked(credential: Credential, since: number): Promise<boolean> {
    if (this.recall(credential)) return false;
    return (await this.#find(credential, since)) === null;
  }

  /** To be called when an API key was removed. */
  forgetApiKey(id: string): void {
    this.#forget(({ apiKey }) => apiKey?.id === id);
  }

  /** To be called when an account was disabled, or its tokens were ended. */
  forgetAccount(id: string): void {
    this.#forget(({ account }) => account.id === id);
  }

  /** To be called when it is not known who is meant. */
  forgetAll(): void {
    this.#forget(() => true);
  }

  #forget(isMeant: (identity: Identity) => boolean): void {
    this.#forgotten += 1;
    // Who comes from now on must not join what was looked up before.
    this.#underWay.clear();
    for (const [name, { identity }] of this.#remembered) {
      if (isMeant(identity)) this.#remembered.delete(name);
    }
  }

  #find(credential: Credential, now: number): Promise<Remembered | null> {
    return credential.kind === 'token'
      ? this.#byToken(credential.token, now)
      : this.#byApiKey(credential.publicKey, credential.secretKey, now);
  }

  async #byToken(token: string, now: number): Promise<Remembered | null> {
    const { identityProvider } = this.#options;
    if (identityProvider?.claims(token)) return this.#byProvider(identityProvider, token, now);
    const claims = await this.#options.tokens.verify(token, now);
    const account = claims && (await this.#options.storage.accounts.find(claims.userId));
    if (!claims || !account || account.isDisabled) return null;
    if (claims.generation !== account.tokenGeneration) return null;
    return withToken('token', account, now, claims.expiresAt);
  }

  async #byProvider(provider: IdentityProvider, token: string, now: number): Promise<Remembered | null> {
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

  async #byApiKey(publicKey: string, secretKey: string, now: number): Promise<Remembered | null> {
    const { storage } = this.#options;
    const key = await storage.apiKeys.findByPublicKey(publicKey);
    if (!key || !secretMatches(key, secretKey) || isExpired(key, now)) return null;
    const account = await storage.accounts.find(key.userId);
    if (!account || account.isDisabled) return null;
    const apiKey = { id: key.id, publicKey };
    const identity: Identity = { account, credential: 'api_key', apiKey, access: key.type };
    return { identity, until: Math.min(now + REMEMBER_MS, key.expiresAt ?? Number.POSITIVE_INFINITY) };
  }

  async #touch(id: string, now: number): Promise<void> {
    if (!this.#uses.isDue(id, now)) return;
    // A full disk must not lock anybody out: when the key was used last is then not known.
    await this.#options.storage.apiKeys.touch([{ id, at: now }]).catch(() => undefined);
  }

  #remember(name: string, found: Remembered): void {
    this.#remembered.set(name, found);
    forgetOldest(this.#remembered);
  }
}

function forgetOldest(names: Pick<Map<string, unknown>, 'size' | 'keys' | 'delete'>): void {
  if (names.size <= REMEMBERED) return;
  const [oldest] = names.keys();
  if (oldest !== undefined) names.delete(oldest);
}

function withToken(
  credential: 'token' | 'identity_provider',
  account: Account,
  now: number,
  expiresAt: number,
): Remembered {
  const identity: Identity = { account, credential, apiKey: null, access: 'full_access' };
  return { identity, until: Math.min(now + REMEMBER_MS, expiresAt) };
}

/** Names a credential without keeping it. */
function fingerprint(credential: Credential): string {
  const text =
    credential.kind === 'token'
      ? `token\n${credential.token}`
      : `api-key\n${credential.publicKey}\n${credential.secretKey}`;
  return hash('sha256', text, 'base64');
}
