import type { EventType } from './event.ts';
import type { RetrySchedule, SenderCredentials } from './webhook.ts';

/**
 * A delivery is one event that the service sends to one webhook.
 *
 *              ┌─────── the attempt failed, a retry is due later ──────┐
 *              ▼                                                       │
 *   (commit) pending ── an attempt is made ──▶ 2xx: succeeded          │
 *              │                          └──▶ no 2xx ── retries left? ┤
 *              │                                                       └─▶ none: failed
 *              └── the webhook is deleted ──▶ cancelled
 *
 *   succeeded, failed ── resend ──▶ pending, with a whole new retry schedule
 *
 * A lane is the deliveries of one webhook and one media. At most one pending delivery of a lane is *ready*:
 * it has a `nextAttemptAt`. The other pending deliveries of the lane wait, and have no `nextAttemptAt`. The
 * transaction that ends the ready delivery makes the oldest waiting delivery ready. A ready delivery of a
 * paused webhook stays ready, but no process claims it. The order of a lane is kept in the database only, so
 * that neither a restart nor a second process can lose it.
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
  /** Number of attempts so far. Attempts before a resend count, too. */
  readonly attempts: number;
  /** Milliseconds since the epoch. `null`: the delivery waits in its lane, or has ended. */
  readonly nextAttemptAt: number | null;
  readonly createdAt: number;
  /** When the delivery succeeded, failed or was cancelled. `null`: the delivery is pending. */
  readonly endedAt: number | null;
  /** The last recorded attempt. `null`: no attempt is recorded. */
  readonly lastAttempt: Pick<Attempt, 'at' | 'status' | 'error'> | null;
  /** Facts from which follows why the delivery is pending. `null`: the delivery has ended. */
  readonly pending: PendingFacts | null;
}

/** Facts that the storage knows about a pending delivery. */
export interface PendingFacts {
  /** Number of the delivery in the storage. */
  readonly seq: number;
  /** Whether a process has claimed the delivery, so that the delivery is in the memory of that process. */
  readonly isClaimed: boolean;
  /** Whether the webhook of the delivery is paused. */
  readonly isPaused: boolean;
  /**
   * Id of the delivery of the same lane that must end first. `null`: the delivery is the next one of its
   * lane.
   */
  readonly waitsFor: string | null;
}

/**
 * Reasons why a delivery is pending:
 * - `sending`: its request is in flight, or the result of its request is being recorded;
 * - `paused`: its webhook is paused;
 * - `circuit`: the receiver does not answer, so that only probes are sent to it;
 * - `lane`: another delivery of its lane must end first;
 * - `schedule`: the time of its next attempt has not come;
 * - `queued`: it is due, and waits until a request may be made for it.
 */
export const PENDING_REASONS = ['sending', 'paused', 'circuit', 'lane', 'schedule', 'queued'] as const;

/** Why a delivery is pending, and the thing that it waits for. */
export interface PendingReason {
  readonly reason: (typeof PENDING_REASONS)[number];
  /** Id of the delivery that must end first. `null`: the delivery is the next one of its lane. */
  readonly waitsFor: string | null;
  /**
   * When the wait ends, in milliseconds since the epoch: the time of the next attempt or of the next probe.
   * `null`: the wait does not end at a certain time.
   */
  readonly until: number | null;
}

/** An HTTP request made for a delivery, and its result. */
export interface Attempt {
  /** A delivery's first attempt has the number 1. */
  readonly number: number;
  /** When the request began, in milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  /** HTTP status. `null`: the receiver did not answer. */
  readonly status: number | null;
  /** First 1 KiB of the answer's body, as text. `null`: the receiver did not answer. */
  readonly response: string | null;
  /** Reason of the failure, for the developer of the receiver. `null`: the answer was 2xx. */
  readonly error: string | null;
  /**
   * Number of the webhook's revision that the request was made with. `null`: unknown, because an older
   * version of the service made the attempt.
   */
  readonly revision: number | null;
}

/** The part of an event that the sender needs. */
export interface EventMessage {
  readonly id: string;
  readonly mediaId: string;
  /** The complete JSON body of the request. */
  readonly body: string;
}

/**
 * Where and how to send deliveries to a webhook. Default values are left out. So most targets consist of only
 * three strings: id, URL and secret.
 */
export interface WebhookTarget extends SenderCredentials {
  readonly id: string;
  readonly url: string;
  /** Left out: the schedule is `default`. */
  readonly retrySchedule?: RetrySchedule;
  /** Maximum number of requests in flight. Left out: the service's default applies. */
  readonly maxInFlight?: number;
  /** Number of the webhook's present revision. Left out only in tests. */
  readonly revision?: number;
}

/**
 * The data that the dispatcher needs to make a delivery's next attempt. Deliveries that one call of the
 * storage returns share the objects of their events and webhooks. So an event for a thousand webhooks is
 * copied between threads only once.
 */
export interface ReadyDelivery {
  readonly id: string;
  /** Number of the delivery in the storage. A later delivery of the same lane has a greater number. */
  readonly seq: number;
  readonly event: EventMessage;
  readonly webhook: WebhookTarget;
  /** Number of attempts so far. Attempts before a resend count, too. */
  readonly attempts: number;
  /**
   * Number of the attempts that don't count in the current retry schedule: those before the last resend, and
   * those that say nothing about the receiver.
   */
  readonly attemptsBefore: number;
}

/** The decision about a delivery after an attempt. */
export type Verdict =
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed' }
  | { readonly state: 'pending'; readonly nextAttemptAt: number };

/**
 * The state of a receiver, judged by one attempt:
 * - `works`: the receiver acknowledged the delivery;
 * - `fails`: the receiver did not acknowledge the delivery;
 * - `gone`: the receiver answered 410, which means that the receiver no longer exists;
 * - `unknown`: the request was cut off by a stop of the service, or by a suspension of its machine. The attempt
 *   does not count in the retry schedule.
 */
export type ReceiverState = 'works' | 'fails' | 'gone' | 'unknown';

/** A finished attempt that is to be recorded, and the verdict on its delivery. */
export interface Settlement {
  /** Number of the delivery in the storage. */
  readonly seq: number;
  readonly webhookId: string;
  readonly attempt: Attempt;
  readonly verdict: Verdict;
  readonly receiver: ReceiverState;
}
