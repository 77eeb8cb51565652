import {
  type SenderCredentials,
  senderCredentialsOf,
  type WebhookCredentials,
} from '../../domain/webhook.ts';
import type { KeyRing } from './key-ring.ts';

/**
 * Maximum characters of the sealed texts whose decrypted form is cached: the texts of some 4,000 webhooks without
 * headers. To decrypt one takes 7 µs; a cache of ten times the size, most of it not used again soon, costs the garbage
 * collector more than that.
 */
const CACHED_CHARACTERS = 1024 * 1024;

/** Returns the place for which a webhook's credentials are sealed: they can be opened only in its own row. */
const placeOf = (webhookId: string) => `webhooks.credentials ${webhookId}`;

/** Encrypts the credentials of a webhook, as one text, and decrypts them. */
export class SealedCredentials {
  readonly #ring: KeyRing;
  readonly #opened = new Map<string, { readonly sealed: string; readonly target: SenderCredentials }>();
  #openedCharacters = 0;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  seal(webhookId: string, credentials: WebhookCredentials): string {
    const { secret, signature, privateKey, previousKeys, headers } = credentials;
    const text = JSON.stringify({ secret, signature, privateKey, previousKeys, headers });
    return this.#ring.seal(text, placeOf(webhookId));
  }

  /** @throws Error that names the webhook */
  open(webhookId: string, sealed: string): WebhookCredentials {
    return JSON.parse(this.#openText(webhookId, sealed));
  }

  /** Returns a sealed text encrypted again, with the current key. */
  reseal(webhookId: string, sealed: string): string {
    return this.#ring.seal(this.#openText(webhookId, sealed), placeOf(webhookId));
  }

  #openText(webhookId: string, sealed: string): string {
    try {
      return this.#ring.open(sealed, placeOf(webhookId));
    } catch (cause) {
      throw new Error(`the credentials of the webhook ${webhookId} can't be decrypted`, { cause });
    }
  }

  /**
   * Returns the credentials that the sender needs. Each delivery needs them, so that a decrypted text is cached (4 µs
   * saved). Credentials that can't be decrypted give a target without keys, whose attempts fail and say so: one damaged
   * row must not block the webhooks that are claimed together with it.
   */
  targetOf(webhookId: string, sealed: string): SenderCredentials {
    const known = this.#opened.get(webhookId);
    if (known?.sealed === sealed) return known.target;
    const target = this.#openTarget(webhookId, sealed);
    this.#cache(webhookId, sealed, target);
    return target;
  }

  #cache(webhookId: string, sealed: string, target: SenderCredentials): void {
    // A webhook that is cached again counts twice, so that the cache is cleared somewhat early.
    this.#openedCharacters += sealed.length;
    if (this.#openedCharacters > CACHED_CHARACTERS) {
      this.#opened.clear();
      this.#openedCharacters = sealed.length;
    }
    this.#opened.set(webhookId, { sealed, target });
  }

  #openTarget(webhookId: string, sealed: string): SenderCredentials {
    try {
      return senderCredentialsOf(this.open(webhookId, sealed));
    } catch {
      return { secret: '' };
    }
  }
}
