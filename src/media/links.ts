import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link's token says: good, or made by us and past its time, or not ours for this media. */
export type TokenState = 'good' | 'expired' | 'wrong';

/** Links end at whole minutes, so that a page that asks again gets the same link, which its player has loaded. */
const STEP_MS = 60_000;

/** HMAC-SHA256 in base64url. */
const TOKEN = /^(\d{1,12})\.([\w-]{43})$/;

export interface MediaLinksOptions {
  /** 32 bytes. */
  readonly key: Buffer;
  readonly ttlMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Signs links to the files of media that are not public: whoever has one may read them until it expires. The token is
 * `{expiry, in seconds since the epoch}.{signature}` and a part of the path, so that a playlist's relative links keep it.
 */
export class MediaLinks {
  readonly #options: MediaLinksOptions;

  constructor(options: MediaLinksOptions) {
    this.#options = options;
  }

  /** Good for the files of this media alone, for the time to live and up to a minute more. */
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
    // Decoded, a signature has several spellings; written out it has one.
    const isOurs =
      given.length === expected.length &&
      timingSafeEqual(given, expected) &&
      token === `${expiresAt}.${expected.toString('base64url')}`;
    if (!isOurs) return 'wrong';
    return this.#options.now() < expiresAt * 1000 ? 'good' : 'expired';
  }

  #sign(mediaId: string, expiresAt: number): Buffer {
    return createHmac('sha256', this.#options.key).update(`${mediaId}\n${expiresAt}`).digest();
  }
}
