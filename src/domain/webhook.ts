import type { EventType } from './event.ts';

/** A subscription: where an account wants to be told of which events. */
export interface Webhook {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly url: string;
  /** The events it wants; never empty. */
  readonly events: readonly EventType[];
  /** The signing secret, `whsec_` and base64, as Standard Webhooks writes it. */
  readonly secret: string;
  /** Milliseconds since the epoch, as are the others. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When the last attempt was made; null before the first. */
  readonly lastTriggeredAt: number | null;
}

export interface WebhookChanges {
  readonly name?: string;
  readonly url?: string;
  readonly events?: readonly EventType[];
}
