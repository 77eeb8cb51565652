import type { EventType } from './event.ts';
import type { RetrySchedule, SenderCredentials } from './webhook.ts';

/**
 * A delivery is one event owed to one webhook.
 *
 *              ┌────────── a try failed, another is due later ─────────┐
 *              ▼                                                       │
 *   (commit) pending ── an attempt is made ──▶ 2xx: succeeded          │
 *              │                          └──▶ no 2xx ── tries left? ──┤
 *              │                                                       └─▶ none: failed
 *              └── the webhook is deleted ──▶ cancelled
 *
 *   succeeded, failed ── sent again by hand ──▶ pending, with a whole new schedule
 *
 * Within a lane (one webhook, one media) at most one pending delivery is *ready*: it has a `nextAttemptAt`.
 * The others wait without one, and the commit that ends the ready one readies the oldest of them.
 * While its webhook is paused, what is ready stays so, and is not claimed.
 * The database alone keeps that order, so neither a restart nor a second node can lose it.
 */
export const DELIVERY_STATES = ['pending', 'succeeded', 'failed', 'cancelled'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface Delivery {
  readonly id: string;
  readonly webhookId: string;
  readonly userId: string;
  readonly eventId: string;
  readonly eventType: EventType;
  readonly mediaId: string;
  readonly state: DeliveryState;
  /** Attempts made so far, over all schedules. */
  readonly attempts: number;
  /** Milliseconds since the epoch; null when it waits for its lane, or has ended. */
  readonly nextAttemptAt: number | null;
  readonly createdAt: number;
  /** When it succeeded, was exhausted or was cancelled; null while pending. */
  readonly endedAt: number | null;
}

/** One HTTP request made for a delivery, and what came back. */
export interface Attempt {
  /** 1 for a delivery's first. */
  readonly number: number;
  /** When the request was begun, in milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  /** The HTTP status, or null where no answer came. */
  readonly status: number | null;
  /** The first 1 KiB of the answer's body, as text; null where no answer came. */
  readonly response: string | null;
  /** Why it failed, in words for the receiver's developer; null on 2xx. */
  readonly error: string | null;
}

/** What is sent. */
export interface EventMessage {
  readonly id: string;
  readonly mediaId: string;
  /** The JSON that is sent, whole. */
  readonly body: string;
}

/** Where to, and how. What its owner leaves to the service is left out, so that most are three texts. */
export interface WebhookTarget extends SenderCredentials {
  readonly id: string;
  readonly url: string;
  /** Left out: `default`. */
  readonly retrySchedule?: RetrySchedule;
  /** Requests under way to it at once. Left out: as many as the service lets any webhook have. */
  readonly maxInFlight?: number;
}

/**
 * All that the dispatcher needs to make a delivery's next attempt. Deliveries that come in one answer of the
 * storage share their events and webhooks: an event for a thousand webhooks crosses to this thread once.
 */
export interface ReadyDelivery {
  readonly id: string;
  /** The storage's own number of the delivery; grows with time within a lane. */
  readonly seq: number;
  readonly event: EventMessage;
  readonly webhook: WebhookTarget;
  /** Attempts made so far, over all schedules. */
  readonly attempts: number;
  /** Of these, how many belong to schedules that ended before a resend. */
  readonly attemptsBefore: number;
}

/** What one attempt means for its delivery. */
export type Verdict =
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed' }
  | { readonly state: 'pending'; readonly nextAttemptAt: number };

/**
 * What one attempt says of its webhook's receiver: it acknowledged; it did not; it is gone for good (410);
 * or nothing, for it was our stop that ended the exchange.
 */
export type ReceiverState = 'works' | 'fails' | 'gone' | 'unknown';

/** An attempt to be recorded, with its verdict. */
export interface Settlement {
  /** The delivery's. */
  readonly seq: number;
  readonly webhookId: string;
  readonly attempt: Attempt;
  readonly verdict: Verdict;
  readonly receiver: ReceiverState;
}
