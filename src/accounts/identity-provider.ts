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

/** Identity provider of a platform, as the settings describe it. */
export interface IdentityProviderOptions {
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
  /** Claim that names the account: by its email address if the claim is `email`, otherwise by its id. */
  readonly accountClaim: string;
  /** Milliseconds for which loaded keys are cached. A removed key is accepted for at most this long. */
  readonly cacheMs?: number;
  /** Minimum milliseconds between two requests for keys that are not known. */
  readonly cooldownMs?: number;
  /** Maximum milliseconds until the provider's answer. */
  readonly timeoutMs?: number;
}

/** Claims of a valid token of the provider. */
export interface ProviderClaims {
  /** Account that the token stands for. */
  readonly account: { readonly id: string } | { readonly email: string };
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Algorithms that sign with a private key. If an HMAC were allowed, anybody could sign tokens with the text of the public
 * key as the secret. `none` would ask for no signature at all.
 */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Seconds by which the provider's clock may differ from ours. */
const CLOCK_TOLERANCE_S = 10;

const CACHE_MS = 5 * 60_000;
const COOLDOWN_MS = 10_000;
const TIMEOUT_MS = 3_000;
/** Milliseconds before a provider that failed is asked again. */
const PAUSE_MS = 1_000;

/** Failure of the provider, not of the token. */
class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
}

/** Verifies the tokens of a platform's own identity provider, with the keys that it publishes. */
export class IdentityProvider {
  readonly #options: IdentityProviderOptions;
  readonly #keys: ReturnType<typeof createRemoteJWKSet>;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(options: IdentityProviderOptions) {
    this.#options = options;
    this.#keys = createRemoteJWKSet(options.jwksUrl, {
      cacheMaxAge: options.cacheMs ?? CACHE_MS,
      cooldownDuration: options.cooldownMs ?? COOLDOWN_MS,
      timeoutDuration: options.timeoutMs ?? TIMEOUT_MS,
      [customFetch]: (url, init) => this.#fetch(url, init),
    });
  }

  /** Returns whether a token claims to come from this provider. Nothing is verified yet. */
  claims(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.#options.issuer;
    } catch {
      return false;
    }
  }

  /**
   * Returns the claims of a valid token; `null`: it is not valid.
   * @throws ServiceError `unavailable` while the keys can't be loaded
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
    // Without this check, a provider's only key would be tried with every token.
    if (!header.kid) throw new errors.JWKSNoMatchingKey();
    try {
      return await this.#keys(header);
    } catch (cause) {
      const isTokens =
        cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys;
      throw isTokens ? cause : new ProviderFailure('its keys could not be read', { cause });
    }
  }

  /** Requests the keys. A provider that is down is asked once a second, however many tokens arrive. */
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

/** Returns the account that the claim names; `null`: it names no account. */
function accountIn(payload: JWTPayload, claim: string): ProviderClaims['account'] | null {
  const value = Object.hasOwn(payload, claim) ? payload[claim] : null;
  if (typeof value !== 'string' || value === '') return null;
  if (claim !== 'email') return { id: value.toLowerCase() };
  // Some providers write `email_verified` as text. Most leave it out when they verify every address.
  if (/^false$/i.test(String(payload.email_verified))) return null;
  return { email: normalEmail(value) };
}
