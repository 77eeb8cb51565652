import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Result of checking the token of a link. `expired`: the service signed the token for this media, but the
 * token has expired. `invalid`: the service did not sign the token for this media.
 */
export type TokenState = 'valid' | 'expired' | 'invalid';

/**
 * One minute in milliseconds. The expiry of each link is rounded up to a whole minute. If a page requests a
 * link twice within a short time, the URL is therefore usually the same, and the player can reuse the files
 * that it has already loaded.
 */
const STEP_MS = 60_000;

/** Format of a token: the expiry in seconds since the epoch, a dot, and an HMAC-SHA256 in base64url. */
const TOKEN = /^(\d{1,12})\.([\w-]{43})$/;

export interface MediaLinksOptions {
  /** Key of the HMAC: 32 bytes. */
  readonly key: Buffer;
  readonly ttlMs: number;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Signs and checks links to the files of media that are not public. Anyone who has a link is allowed to read
 * the files until the link expires. A link contains the token `{expiry in seconds since the
 * epoch}.{signature}`. The token is a part of the URL's path, so that the relative links in a playlist
 * resolve to URLs with the same token.
 */
export class MediaLinks {
  readonly #options: MediaLinksOptions;

  constructor(options: MediaLinksOptions) {
    this.#options = options;
  }

  /**
   * Returns a token that is valid only for the files of this media. The expiry is the current time plus the
   * configured time to live, rounded up to a whole minute.
   */
  tokenFor(mediaId: string): string {
    const { ttlMs, now } = this.#options;
    const expiresAt = (Math.ceil((now() + ttlMs) / STEP_MS) * STEP_MS) / 1000;
    return `${expiresAt}.${this.#sign(mediaId, expiresAt).toString('base64url')}`;
  }

  check(mediaId: string, token: string): TokenState {
    const [, expiry = '', signature = ''] = TOKEN.exec(token) ?? [];
    const expiresAt = Number(expiry);
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#sign(mediaId, expiresAt);
    // The text of the token is compared too, because several base64url texts decode to the same signature.
    const isOurs =
      given.length === expected.length &&
      timingSafeEqual(given, expected) &&
      token === `${expiresAt}.${expected.toString('base64url')}`;
    if (!isOurs) return 'invalid';
    return this.#options.now() < expiresAt * 1000 ? 'valid' : 'expired';
  }

  #sign(mediaId: string, expiresAt: number): Buffer {
    return createHmac('sha256', this.#options.key).update(`${mediaId}\n${expiresAt}`).digest();
  }
}
