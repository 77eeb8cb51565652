import type { Cursor } from './page.ts';

export interface RetentionRequest {
  readonly before: number;
  /**
   * Value of `after` in the previous step, to continue its round. `null`: begin a new round through all rows.
   */
  readonly after: Cursor | null;
  /** Maximum number of rows that the step reads or removes. */
  readonly limit: number;
}

export interface RetentionStep {
  /** Number of events that were removed. */
  readonly events: number;
  /** Number of deliveries that were removed. */
  readonly deliveries: number;
  /** Value of `after` for the next step. `null`: all rows have been visited, and the round is complete. */
  readonly after: Cursor | null;
}

/**
 * Removes old rows in small steps. The steps of one round visit every row; each step continues where the
 * previous step ended. A step is cheap however large the database is, because it visits at most `limit` rows,
 * by their primary keys. (The attempts of a delivery are removed with the delivery, and might exceed the
 * limit.) No step is allowed to need an index that commits of events would have to maintain.
 */
export interface RetentionStore {
  /**
   * Removes deliveries that ended before the time `before`, with their attempts. Also removes events that
   * were committed before that time and have no delivery left. A pending delivery and its event stay, however
   * old they are, so that the order of the lane does not change.
   * The idempotency key of an event is removed with the event. Afterwards, the same event is accepted as a
   * new event.
   */
  removeEvents(request: RetentionRequest): Promise<RetentionStep>;
  /** Removes webhooks that were deleted by their owners and have no deliveries left. */
  removeWebhooks(request: {
    readonly after: Cursor | null;
    readonly limit: number;
  }): Promise<{ readonly webhooks: number; readonly after: Cursor | null }>;
  /**
   * Removes audit records older than `before`, the oldest first.
   * @returns the number of records that were removed; a number below `limit` means that no older record is left
   */
  removeAuditRecords(request: { readonly before: number; readonly limit: number }): Promise<number>;
}
