import type { EventType } from './event.ts';

/**
 * When a delivery that failed is tried again: by the service's own schedule, by the one that the Standard Webhooks
 * specification suggests, or after delays of the owner's, in milliseconds from the end of one attempt to the next.
 */
export type RetrySchedule = 'default' | 'exponential' | readonly number[];

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
  readonly retrySchedule: RetrySchedule;
  /** Requests under way to it at once; null leaves it to the service. */
  readonly maxInFlight: number | null;
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
  readonly retrySchedule?: RetrySchedule;
  readonly maxInFlight?: number | null;
}
