import type { Actor } from '../../domain/audit.ts';
import type { BulkResend } from '../../domain/bulk-resend.ts';
import type { Cursor } from './page.ts';

/** Arguments of one step of a bulk resend. Each step queues some of the failed deliveries. */
export interface BulkResendStep {
  readonly id: string;
  /** Maximum number of deliveries that the step queues. */
  readonly limit: number;
  /** Number of the webhook's deliveries that are already in the memory of the caller. */
  readonly buffered: number;
  /** Maximum number of requests in flight for a webhook that has no maximum of its own. */
  readonly maxInFlight: number;
}

export interface BulkResendProgress {
  readonly id: string;
  /** Number of deliveries that this step queued. */
  readonly queued: number;
  /** Whether the bulk resend needs another step: there might be more failed deliveries to queue. */
  readonly isRunning: boolean;
}

export interface BulkResendPage {
  readonly items: readonly BulkResend[];
  /** Cursor of the next page. `null`: this is the last page. */
  readonly after: Cursor | null;
}

/** The bulk resends: each of them sends failed deliveries of one webhook again. Their progress is durable. */
export interface BulkResendStore {
  /**
   * Creates a bulk resend. Creates nothing if a running bulk resend of the webhook has the same `since` and
   * the same or a later `until`, and returns the running one instead.
   * @returns the bulk resend; `too many` when ten bulk resends of the webhook are running; null when the
   * account has no such webhook
   */
  create(bulkResend: BulkResend, by: Actor | null): Promise<BulkResend | 'too many' | null>;
  /** Lists the hundred newest bulk resends of a webhook, newest first. */
  list(userId: string, webhookId: string): Promise<BulkResend[]>;
  /**
   * Lists running bulk resends, oldest first, page by page.
   * @param after `after` of the previous page. `null`: the first page
   */
  running(after: Cursor | null, limit: number): Promise<BulkResendPage>;
  /**
   * Takes one step of each given bulk resend. A step sets failed deliveries back to pending, as
   * `DeliveryStore.resend` does. The step takes the deliveries in the order in which they were committed,
   * each delivery once.
   * - A step queues so few deliveries that the number of the webhook's deliveries in memory stays within the
   *   webhook's maximum number of requests in flight.
   * - A step queues no delivery while the webhook is paused, or while a delivery of the webhook is due and
   *   unclaimed.
   * - The cost of a step is limited, however many deliveries have failed.
   * @param steadyNow time of the steady clock, from which the queued deliveries are due: see `Queue`
   * @returns the progress of each bulk resend, in the order of `steps`
   */
  advance(steps: readonly BulkResendStep[], now: number, steadyNow?: number): Promise<BulkResendProgress[]>;
}
