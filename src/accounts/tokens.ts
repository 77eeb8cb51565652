import { jwtVerify, SignJWT } from 'jose';
import { OWN_ISSUER } from '../domain/account.ts';
import { TOKEN_ALGORITHM, TokenKeys } from './token-keys.ts';

/** Lifetime of a token from the command line, in seconds: one year. No token of the service lives longer. */
export const LONGEST_TOKEN_S = 365 * 24 * 3600;
/**
 * Milliseconds for which a key is kept after its last token has expired: one day, because the clocks of two
 * machines can differ.
 */
const KEY_MARGIN_MS = 24 * 3600 * 1000;

export interface TokenOptions {
  /** Seconds from `now` until the token expires. */
  readonly ttl: number;
  /** Current time in milliseconds since the epoch. */
  readonly now: number;
  /**
   * Value of the account's `tokenGeneration`, which counts the account's password changes. Default: 0, the
   * value of a new account.
   */
  readonly generation?: number;
}

/** Claims of a valid token. */
export interface TokenClaims {
  readonly userId: string;
  readonly generation: number;
  /** Time at which the token expires, in milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Issues and verifies the service's own bearer tokens: JWTs, signed with Ed25519. */
export class Tokens {
  readonly #keys: TokenKeys;

  private constructor(keys: TokenKeys) {
    this.#keys = keys;
  }

  /** Opens the signing keys in the folder `dir`. */
  static async open(dir: string, now = Date.now()): Promise<Tokens> {
    return new Tokens(await TokenKeys.open(dir, now));
  }

  async issue(userId: string, { ttl, now, generation = 0 }: TokenOptions): Promise<string> {
    const issuedAt = Math.floor(now / 1000);
    const { kid, privateKey } = await this.#keys.newest();
    return new SignJWT({ gen: generation })
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: 'JWT', kid })
      .setIssuer(OWN_ISSUER)
      .setSubject(userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ttl)
      .sign(privateKey);
  }

  /**
   * Returns the claims of a valid token; `null`: the token is not valid. The caller must also check that the
   * account is enabled, and that its `tokenGeneration` equals the token's `generation`.
   */
  async verify(token: string, now: number): Promise<TokenClaims | null> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#publicKey(kid), {
        algorithms: [TOKEN_ALGORITHM],
        issuer: OWN_ISSUER,
        requiredClaims: ['sub', 'exp', 'gen'],
        currentDate: new Date(now),
      });
      const { sub, exp, gen } = payload;
      return { userId: sub as string, generation: Number(gen), expiresAt: (exp as number) * 1000 };
    } catch {
      return null;
    }
  }

  /**
   * Creates a key that signs all tokens from then on, and removes the keys whose tokens have all expired. All
   * sessions stay valid, and running servers sign with the new key, too.
   * @param onMade is called with the new key's id before the key is stored; if it rejects, the key is not
   * stored
   */
  async rotateKey(
    now: number,
    onMade?: (kid: string) => Promise<void>,
  ): Promise<{ kid: string; dropped: string[] }> {
    const { kid } = await this.#keys.add(now, onMade);
    const dropped = await this.#keys.dropUnusedSince(now - LONGEST_TOKEN_S * 1000 - KEY_MARGIN_MS);
    return { kid, dropped };
  }

  async #publicKey(kid: string | undefined) {
    const key = await this.#keys.find(kid ?? '');
    if (!key) throw new Error('the token is signed with a key that is not ours');
    return key.publicKey;
  }
}
