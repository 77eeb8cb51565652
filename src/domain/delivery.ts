import type { EventType } from './event.ts';
import type { RetrySchedule, SenderCredentials } from './webhook.ts';

/**
 * A delivery is one event owed to one webhook.
 *
 *              ┌─────── the attempt failed, a retry is due later ──────┐
 *              ▼                                                       │
 *   (commit) pending ── an attempt is made ──▶ 2xx: succeeded          │
 *              │                          └──▶ no 2xx ── retries left? ┤
 *              │                                                       └─▶ none: failed
 *              └── the webhook is deleted ──▶ cancelled
 *
 *   succeeded, failed ── resend ──▶ pending, with a whole new schedule
 *
 * Within a lane (one webhook, one media) at most one pending delivery is *ready*: it has a `nextAttemptAt`.
 * The others have none and wait. The commit that ends the ready delivery makes the oldest waiting one ready.
 * While its webhook is paused, a ready delivery stays ready, but it is not claimed.
 * The database alone keeps this order, so that neither a restart nor a second node can lose it.
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
  /** Number of attempts so far, over all schedules. */
  readonly attempts: number;
  /** Milliseconds since the epoch. `null`: the delivery waits in its lane, or has ended. */
  readonly nextAttemptAt: number | null;
  readonly createdAt: number;
  /** When it succeeded, failed or was cancelled. `null`: it is pending. */
  readonly endedAt: number | null;
}

/** An HTTP request made for a delivery, and its result. */
export interface Attempt {
  /** A delivery's first attempt has the number 1. */
  readonly number: number;
  /** When the request began, in milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  /** HTTP status. `null`: no answer came. */
  readonly status: number | null;
  /** First 1 KiB of the answer's body, as text. `null`: no answer came. */
  readonly response: string | null;
  /** Reason of the failure, for the developer of the receiver. `null`: the answer was 2xx. */
  readonly error: string | null;
}

/** The part of an event that is sent. */
export interface EventMessage {
  readonly id: string;
  readonly mediaId: string;
  /** The complete JSON body. */
  readonly body: string;
}

/** Where and how to send. It leaves out the service's defaults, so that most targets are three texts. */
export interface WebhookTarget extends SenderCredentials {
  readonly id: string;
  readonly url: string;
  /** Left out: `default`. */
  readonly retrySchedule?: RetrySchedule;
  /** Maximum number of requests in flight. Left out: the service's default. */
  readonly maxInFlight?: number;
}

/**
 * The data that the dispatcher needs to make a delivery's next attempt. Deliveries of one answer of the storage share
 * their events and webhooks, so that an event for a thousand webhooks crosses threads once.
 */
export interface ReadyDelivery {
  readonly id: string;
  /** The storage's number of the delivery. Within a lane it grows with time. */
  readonly seq: number;
  readonly event: EventMessage;
  readonly webhook: WebhookTarget;
  /** Number of attempts so far, over all schedules. */
  readonly attempts: number;
  /** Number of those attempts that belong to schedules from before a resend. */
  readonly attemptsBefore: number;
}

/** The decision about a delivery after an attempt. */
export type Verdict =
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed' }
  | { readonly state: 'pending'; readonly nextAttemptAt: number };

/**
 * The state of a receiver, as an attempt shows it: `works` acknowledged the delivery, `fails` did not, and `gone`
 * answered 410 and is gone for good. It is `unknown` when the service stopped and broke off the request.
 */
export type ReceiverState = 'works' | 'fails' | 'gone' | 'unknown';

/** An attempt to be recorded, with its verdict. */
export interface Settlement {
  /** Number of the delivery. */
  readonly seq: number;
  readonly webhookId: string;
  readonly attempt: Attempt;
  readonly verdict: Verdict;
  readonly receiver: ReceiverState;
}
