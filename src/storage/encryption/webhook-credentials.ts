import {
  type SenderCredentials,
  senderCredentialsOf,
  type WebhookCredentials,
} from '../../domain/webhook.ts';
import type { KeyRing } from './key-ring.ts';

/** Webhooks whose credentials are remembered opened: some 10 MiB. */
const REMEMBERED = 20_000;

/** The place of a webhook's credentials: sealed for one row, they open in no other. */
const placeOf = (webhookId: string) => `webhooks.credentials ${webhookId}`;

/** Seals the credentials of webhooks, as one text each, and opens them. */
export class SealedCredentials {
  readonly #ring: KeyRing;
  readonly #opened = new Map<string, { readonly sealed: string; readonly target: SenderCredentials }>();

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  seal(webhookId: string, credentials: WebhookCredentials): string {
    const { secret, signature, privateKey, previousKeys, headers } = credentials;
    const text = JSON.stringify({ secret, signature, privateKey, previousKeys, headers });
    return this.#ring.seal(text, placeOf(webhookId));
  }

  open(webhookId: string, sealed: string): WebhookCredentials {
    return JSON.parse(this.#ring.open(sealed, placeOf(webhookId)));
  }

  /** The same text, sealed with the key that seals now. */
  reseal(webhookId: string, sealed: string): string {
    const place = placeOf(webhookId);
    return this.#ring.seal(this.#ring.open(sealed, place), place);
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
    if (this.#opened.size >= REMEMBERED) this.#opened.clear();
    this.#opened.set(webhookId, { sealed, target });
    return target;
  }

  #openTarget(webhookId: string, sealed: string): SenderCredentials {
    try {
      return senderCredentialsOf(this.open(webhookId, sealed));
    } catch {
      return { secret: '' };
    }
  }
}
