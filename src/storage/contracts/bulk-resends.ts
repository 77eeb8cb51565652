import type { Actor } from '../../domain/audit.ts';
import type { BulkResend } from '../../domain/bulk-resend.ts';

/** A request for one step of a bulk resend. */
export interface BulkResendStep {
  readonly id: string;
  /** Maximum number of deliveries that the step may queue. */
  readonly limit: number;
  /** Number of the webhook's deliveries that the caller already has in memory. */
  readonly buffered: number;
  /** Maximum number of requests in flight, for a webhook that sets no maximum of its own. */
  readonly maxInFlight: number;
}

export interface BulkResendProgress {
  readonly id: string;
  /** Number of deliveries that this step queued. */
  readonly queued: number;
  /** Whether there may be more to queue. */
  readonly isRunning: boolean;
}

/** Bulk resends send failed deliveries of a webhook again. Their progress is durable. */
export interface BulkResendStore {
  /**
   * Creates a bulk resend. If one with the same `since` is running and its `until` is not earlier, it is returned
   * instead.
   * @returns `too many` when ten of the webhook are running; null when the account has no such webhook
   */
  create(bulkResend: BulkResend, by: Actor | null): Promise<BulkResend | 'too many' | null>;
  /** Lists the newest hundred of a webhook, newest first. */
  list(userId: string, webhookId: string): Promise<BulkResend[]>;
  /** Lists all that are running, oldest first. */
  running(): Promise<BulkResend[]>;
  /**
   * Takes one step of each bulk resend: queues failed deliveries as `DeliveryStore.resend` does, in the order in which
   * they were committed, each delivery once. It queues only as many as keep the webhook's deliveries in memory within
   * its maximum of requests in flight. It queues none while the webhook is paused, or while a delivery of it is due and
   * unclaimed. The cost of a step is bounded, however much failed. The answers are in the order of the steps.
   */
  advance(steps: readonly BulkResendStep[], now: number): Promise<BulkResendProgress[]>;
}
