import type { Actor } from '../../domain/audit.ts';
import type { BulkResend } from '../../domain/bulk-resend.ts';

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
  create(recovery: BulkResend, by: Actor | null): Promise<BulkResend | 'too many' | null>;
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
