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

/** A platform's own identity provider, as settings name it. */
export interface IdentityProviderOptions {
  readonly jwksUrl: URL;
  readonly issuer: string;
  readonly audience: string;
  /** The claim that names the account: its id, or its email address where the claim is `email`. */
  readonly accountClaim: string;
  /** For how long a key that was seen is good unasked, in milliseconds: so long after its removal at the most. */
  readonly cacheMs?: number;
  /** An unknown key is asked for this often at the most, in milliseconds. */
  readonly cooldownMs?: number;
  /** How long the provider has for its answer, in milliseconds. */
  readonly timeoutMs?: number;
}

/** What a good token of the provider's says. */
export interface ProviderClaims {
  /** Which account it stands for. */
  readonly account: { readonly id: string } | { readonly email: string };
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Signatures with a public key alone. With an HMAC among them, whoever knows the public key, which is everybody,
 * could sign with its text as the secret; `none` asks for no signature at all.
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
/** A provider that failed is left alone for so long. */
const PAUSE_MS = 1_000;

/** The provider, not the token, is at fault. */
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

  /** Whether a token says to be of this provider: nothing is verified yet. */
  claims(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.#options.issuer;
    } catch {
      return false;
    }
  }

  /** Null for a token that is not good. Rejects with `ApiError('unavailable')` while the keys can't be had. */
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
      const message = "the identity provider's keys can't be had; its tokens are refused until they can";
      throw new ServiceError('unavailable', message, { cause: error });
    }
  }

  async #key(header: JWTHeaderParameters) {
    // Where the provider has but one key, any token would be tried with it.
    if (!header.kid) throw new errors.JWKSNoMatchingKey();
    try {
      return await this.#keys(header);
    } catch (cause) {
      const isTokens =
        cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys;
      throw isTokens ? cause : new ProviderFailure('its keys could not be read', { cause });
    }
  }

  /** However many tokens come, a provider that is down is asked once a second. */
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

/** Null where the claim names nobody. */
function accountIn(payload: JWTPayload, claim: string): ProviderClaims['account'] | null {
  const value = Object.hasOwn(payload, claim) ? payload[claim] : null;
  if (typeof value !== 'string' || value === '') return null;
  if (claim !== 'email') return { id: value.toLowerCase() };
  // Some providers write it as text. Most leave it out where they verify every address.
  if (/^false$/i.test(String(payload.email_verified))) return null;
  return { email: normalEmail(value) };
}
