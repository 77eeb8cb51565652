import type { Cursor } from './page.ts';

export interface RetentionRequest {
  readonly before: number;
  /** `after` of the previous step; `null`: begin a round. */
  readonly after: Cursor | null;
  /** Maximum number of rows that the step looks at or removes. */
  readonly limit: number;
}

export interface RetentionStep {
  /** Number of events that were removed. */
  readonly events: number;
  /** Number of deliveries that were removed. */
  readonly deliveries: number;
  /** `null`: the round is complete. */
  readonly after: Cursor | null;
}

/**
 * Removes old rows in small steps; the steps of one round visit every row. A step is cheap however large the
 * database is: it looks at no more than `limit` rows, by primary keys, from where the previous step ended. (The
 * attempts of a delivery are removed with it and may exceed the limit.) No step may need an index that commits would
 * have to maintain.
 */
export interface RetentionStore {
  /**
   * Removes deliveries that ended before `before`, with their attempts, and events that were committed before it and
   * have no delivery left. A pending delivery stays, however old it is, and so does its event: lanes do not change.
   * An event's idempotency key is removed with the event, so that the same event is accepted as a new one afterwards.
   */
  removeEvents(request: RetentionRequest): Promise<RetentionStep>;
  /** Removes webhooks that their owners have deleted, once none of their deliveries is left. */
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
