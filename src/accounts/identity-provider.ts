import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JWTHeaderParameters,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { normalEmail } from '../domain/account.ts';
import { ServiceError } from '../domain/errors.ts';

/** Settings of the identity provider whose tokens the service accepts. */
export interface IdentityProviderOptions {
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
  /**
   * Name of the claim that identifies the account. The claim `email` holds the account's email address; any
   * other claim holds the account's id.
   */
  readonly accountClaim: string;
  /**
   * Milliseconds for which loaded keys are cached. A key that the provider has removed is still accepted for
   * at most this time.
   */
  readonly cacheMs?: number;
  /**
   * Minimum milliseconds between two requests that load the keys again because a token names an unknown key.
   */
  readonly cooldownMs?: number;
  /** Maximum milliseconds that the service waits for the provider's answer. */
  readonly timeoutMs?: number;
}

/** Claims of a valid token of the provider. */
export interface ProviderClaims {
  /** Account that the token identifies. */
  readonly account: { readonly id: string } | { readonly email: string };
  /** Time at which the token expires, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Accepted signature algorithms. All of them sign with a private key. HMAC is excluded, because anybody could
 * sign tokens with the text of the public key as the secret. `none` is excluded, because such a token has no
 * signature.
 */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Maximum difference between the provider's clock and the clock of this machine, in seconds. */
const CLOCK_TOLERANCE_S = 10;

const CACHE_MS = 5 * 60_000;
const COOLDOWN_MS = 10_000;
const TIMEOUT_MS = 3_000;
/** Milliseconds after a failed request for the provider's keys during which no other request is sent. */
const PAUSE_MS = 1_000;

/** Error for a provider whose keys can't be loaded. The error does not mean that the token is invalid. */
class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
}

/** Verifies the tokens of an external identity provider with the public keys that the provider publishes. */
export class IdentityProvider {
  readonly #options: IdentityProviderOptions;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  /** Times of a monotonic clock: when the keys were loaded last, and when a request for them failed last. */
  #loadedAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(options: IdentityProviderOptions) {
    this.#options = options;
    this.#keys = createRemoteJWKSet(options.jwksUrl, {
      // jose measures both times by the wall clock. So jose never loads the keys again by itself; `#key` does.
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: Number.POSITIVE_INFINITY,
      timeoutDuration: options.timeoutMs ?? TIMEOUT_MS,
      [customFetch]: (url, init) => this.#fetch(url, init),
    });
  }

  /** Returns whether the issuer claim of a token names this provider. The token is not verified. */
  claims(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.#options.issuer;
    } catch {
      return false;
    }
  }

  /**
   * Returns the claims of a valid token; `null`: the token is not valid.
   * @throws ServiceError `unavailable` while the provider's keys can't be loaded
   */
  async verify(token: string, now: number): Promise<ProviderClaims | null> {
    const { issuer, audience, accountClaim } = this.#options;
    try {
      const { payload } = await jwtVerify(token, (header) => this.#key(header), {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        requiredClaims: ['exp', accountClaim],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(now),
      });
      const account = accountIn(payload, accountClaim);
      return account && { account, expiresAt: (payload.exp as number) * 1000 };
    } catch (error) {
      if (!(error instanceof ProviderFailure)) return null;
      const message = "the identity provider's keys can't be loaded; its tokens are refused until they can";
      throw new ServiceError('unavailable', message, { cause: error });
    }
  }

  async #key(header: JWTHeaderParameters) {
    // A token without a key id is refused. Without this check, jose would try the provider's key with every
    // such token if the provider has only one key.
    if (!header.kid) throw new errors.JWKSNoMatchingKey();
    const { cacheMs = CACHE_MS, cooldownMs = COOLDOWN_MS } = this.#options;
    try {
      if (this.#ageMs() >= cacheMs) await this.#load();
      return await this.#keys(header).catch(async (error) => {
        if (!(error instanceof errors.JWKSNoMatchingKey) || this.#ageMs() < cooldownMs) throw error;
        await this.#load();
        return this.#keys(header);
      });
    } catch (cause) {
      const isTokens =
        cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys;
      throw isTokens ? cause : new ProviderFailure('its keys could not be read', { cause });
    }
  }

  async #load(): Promise<void> {
    await this.#keys.reload();
    this.#loadedAt = performance.now();
  }

  /** Returns the milliseconds since the keys were loaded. */
  #ageMs(): number {
    return performance.now() - this.#loadedAt;
  }

  /**
   * Requests the provider's keys. After a failed request, the next one is sent a second later at the
   * earliest, however many tokens arrive.
   */
  async #fetch(url: string, init: RequestInit): Promise<Response> {
    if (performance.now() - this.#failedAt < PAUSE_MS) throw new Error('the last request has just failed');
    try {
      const response = await fetch(url, init);
      if (response.status === 200) return response;
      await response.body?.cancel();
      throw new Error(`expected 200, got ${response.status}`);
    } catch (error) {
      this.#failedAt = performance.now();
      throw error;
    }
  }
}

/** Returns the account that the claim names; `null`: the claim names no account. */
function accountIn(payload: JWTPayload, claim: string): ProviderClaims['account'] | null {
  const value = Object.hasOwn(payload, claim) ? payload[claim] : null;
  if (typeof value !== 'string' || value === '') return null;
  if (claim !== 'email') return { id: value.toLowerCase() };
  // An address that the provider marks as not verified is refused. Some providers write `email_verified` as
  // text. A missing `email_verified` is accepted, because most providers that verify every address leave it
  // out.
  if (/^false$/i.test(String(payload.email_verified))) return null;
  return { email: normalEmail(value) };
}
