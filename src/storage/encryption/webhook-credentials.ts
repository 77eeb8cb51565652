import {
  type SenderCredentials,
  senderCredentialsOf,
  type WebhookCredentials,
} from '../../domain/webhook.ts';
import type { KeyRing } from './key-ring.ts';

/**
 * Maximum number of characters of the sealed texts whose decrypted credentials are cached. This is enough for
 * some 4,000 webhooks without headers. Decrypting one text takes 7 µs. A cache of ten times the size would
 * cost the garbage collector more time than it would save, because most of its entries are not used again
 * soon.
 */
const CACHED_CHARACTERS = 1024 * 1024;

/**
 * Returns the place for which the credentials of a webhook are sealed: its own row. Credentials that are
 * copied to another row can't be decrypted.
 */
const placeOf = (webhookId: string) => `webhooks.credentials ${webhookId}`;

/** Encrypts all credentials of a webhook as one text, and decrypts such texts. */
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

  /** @throws Error with the id of the webhook, when the credentials can't be decrypted */
  open(webhookId: string, sealed: string): WebhookCredentials {
    return JSON.parse(this.#openText(webhookId, sealed));
  }

  /** Decrypts a sealed text and returns it encrypted with the current key. */
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
   * Returns the credentials that the sender needs. Every delivery needs them. Therefore the decrypted
   * credentials are cached, which saves 4 µs. If the credentials can't be decrypted, the method does not
   * throw, because one damaged row must not block the other webhooks of the same claim. It returns
   * credentials without keys instead. The attempts of the webhook then fail with an error that says that the
   * keys can't be read.
   */
  targetOf(webhookId: string, sealed: string): SenderCredentials {
    const known = this.#opened.get(webhookId);
    if (known?.sealed === sealed) return known.target;
    const target = this.#openTarget(webhookId, sealed);
    this.#cache(webhookId, sealed, target);
    return target;
  }

  #cache(webhookId: string, sealed: string, target: SenderCredentials): void {
    // The characters of a replaced entry still count. So the cache is cleared somewhat earlier than
    // necessary.
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
