import { createHmac, timingSafeEqual } from 'node:crypto';

/** State of a link's token: valid, made by us but expired, or not made by us for this media. */
export type TokenState = 'valid' | 'expired' | 'invalid';

/** Links expire at whole minutes, so that a page that asks again gets the same link, which its player has loaded. */
const STEP_MS = 60_000;

/** Form of a token: the expiry, and an HMAC-SHA256 in base64url. */
const TOKEN = /^(\d{1,12})\.([\w-]{43})$/;

export interface MediaLinksOptions {
  /** 32 bytes. */
  readonly key: Buffer;
  readonly ttlMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Signs links to the files of media that are not public. Anyone who has a link may read the files until it expires. The
 * token is `{expiry in seconds since the epoch}.{signature}`. It is a part of the path, so that relative links in a
 * playlist keep it.
 */
export class MediaLinks {
  readonly #options: MediaLinksOptions;

  constructor(options: MediaLinksOptions) {
    this.#options = options;
  }

  /** Returns a token for the files of this media alone. It lives for the time to live and up to a minute more. */
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
    // Several base64url texts decode to the same signature, so the texts are compared too.
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
