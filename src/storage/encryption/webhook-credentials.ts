import {
  type SenderCredentials,
  senderCredentialsOf,
  type WebhookCredentials,
} from '../../domain/webhook.ts';
import type { KeyRing } from './key-ring.ts';

/**
 * Characters of the sealed texts that are remembered opened: those of some 4,000 webhooks without headers. To open one
 * takes 7 µs; to remember ten times as many, of which none comes again soon, costs the garbage collector more.
 */
const REMEMBERED_CHARACTERS = 1024 * 1024;

/** The place of a webhook's credentials: sealed for one row, they open in no other. */
const placeOf = (webhookId: string) => `webhooks.credentials ${webhookId}`;

/** Seals the credentials of webhooks, as one text each, and opens them. */
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

  /** The same text, sealed with the key that seals now. */
  reseal(webhookId: string, sealed: string): string {
    return this.#ring.seal(this.#openText(webhookId, sealed), placeOf(webhookId));
  }

  #openText(webhookId: string, sealed: string): string {
    try {
      return this.#ring.open(sealed, placeOf(webhookId));
    } catch (cause) {
      throw new Error(`what is encrypted of the webhook ${webhookId} can't be opened`, { cause });
    }
  }

  /**
   * For the path of every delivery: each text is opened once, and compared from then on (4 µs saved).
   * What can't be opened gives a target without keys, whose attempts fail and say so: one damaged row must not
   * hold up the webhooks that are claimed together with it.
   */
  targetOf(webhookId: string, sealed: string): SenderCredentials {
    const known = this.#opened.get(webhookId);
    if (known?.sealed === sealed) return known.target;
    const target = this.#openTarget(webhookId, sealed);
    this.#remember(webhookId, sealed, target);
    return target;
  }

  #remember(webhookId: string, sealed: string, target: SenderCredentials): void {
    // One that was remembered before counts twice, so that all are forgotten somewhat sooner.
    this.#openedCharacters += sealed.length;
    if (this.#openedCharacters > REMEMBERED_CHARACTERS) {
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
