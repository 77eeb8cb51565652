import type { Actor } from '../../domain/audit.ts';
import type { BulkResend } from '../../domain/bulk-resend.ts';
import type { Attempt, Delivery, DeliveryState } from '../../domain/delivery.ts';
import type { EventType } from '../../domain/event.ts';

export interface DeliveryListRequest {
  readonly limit: number;
  /** Only deliveries older than this one (its `seq`); null starts at the newest. */
  readonly before: number | null;
  readonly state: DeliveryState | null;
  readonly event: EventType | null;
}

export interface DeliveryDetail {
  readonly delivery: Delivery;
  /** The body that is sent, whole. */
  readonly body: string;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

export interface DeliveryStore {
  /** Newest first. `next` is the `before` of the following page, or null at the end. */
  list(
    userId: string,
    webhookId: string,
    request: DeliveryListRequest,
  ): Promise<{ items: readonly Delivery[]; next: number | null }>;
  find(userId: string, id: string): Promise<DeliveryDetail | null>;
  /**
   * Makes a delivery pending again with a whole new schedule, due now, or as soon as its lane allows.
   * One that is pending already and waits for its next try is due now.
   * `gone` when its webhook was deleted; null when the account has no such delivery.
   */
  resend(userId: string, id: string, now: number, by?: Actor): Promise<'queued' | 'gone' | null>;
}

/** One step of a recovery. */
export interface BulkResendStep {
  readonly id: string;
  /** Deliveries that it may queue. */
  readonly limit: number;
  /** Deliveries of the webhook that the caller holds in memory already. */
  readonly buffered: number;
  /** Requests under way at once to a webhook that names no number of its own. */
  readonly maxInFlight: number;
}

export interface BulkResendProgress {
  readonly id: string;
  /** Deliveries queued by this step. */
  readonly queued: number;
  /** Whether there may be more. */
  readonly isRunning: boolean;
}

/** What failed of a webhook between two times, to be sent again. Where each stands is durable. */
export interface BulkResendStore {
  /**
   * Creates a recovery, unless one runs that began with the same `since` and reaches as far: then it is answered.
   * `too many` when ten of the webhook are running; null when the account has no such webhook.
   */
  create(recovery: BulkResend, by?: Actor): Promise<BulkResend | 'too many' | null>;
  /** The newest hundred of one webhook, newest first. */
  list(userId: string, webhookId: string): Promise<BulkResend[]>;
  /** All that are running, oldest first. */
  running(): Promise<BulkResend[]>;
  /**
   * Takes one step of each: queues what failed, in the order in which it was committed, just as `resend` does, each
   * delivery once in a recovery. At the most so many that the webhook's deliveries in memory stay within its requests
   * under way at once; none while the webhook is paused, or something of it is due and unclaimed.
   * Its cost is bounded, whatever there is to recover. Answers in the order of the steps.
   */
  advance(steps: readonly BulkResendStep[], now: number): Promise<BulkResendProgress[]>;
}
