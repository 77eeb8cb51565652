import type { Cursor } from './page.ts';

export interface RetentionRequest {
  readonly before: number;
  /** Current time. A row with a later time was stored before the clock was set back. */
  readonly now: number;
  /**
   * Value of `after` in the previous step: this step continues where that step ended. `null`: this step
   * begins with the first row.
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
  /** Number of pending deliveries that were ended as failed, because their webhook is paused for too long. */
  readonly expired: number;
  /** Value of `after` for the next step. `null`: all rows have been visited. */
  readonly after: Cursor | null;
}

/**
 * Removes old rows in small steps. Each step continues where the previous step ended. After enough steps,
 * every row has been visited. A step is cheap however large the database is, because it visits at most
 * `limit` rows, by their primary keys. A step must not need an additional index that every commit of events
 * would have to update.
 */
export interface RetentionStore {
  /**
   * Removes deliveries that ended before the time `before`, with their attempts. Also removes events that
   * were committed before that time and have no delivery left. An event with a time in the future is kept, but
   * ends no removal. The idempotency key of an event is removed with the event. Afterwards, the same event is
   * accepted as a new event.
   *
   * A pending delivery and its event stay, however old they are, because the order of the lane must not change.
   * Only if its webhook is paused, and was paused before the time `before`, a pending delivery of an event before
   * that time ends as failed. Otherwise, what waits for a paused webhook would grow without end.
   */
  removeEvents(request: RetentionRequest): Promise<RetentionStep>;
  /**
   * Removes webhooks that were deleted by their owners and have no deliveries left, with the bulk resends of
   * these webhooks.
   */
  removeWebhooks(request: {
    readonly after: Cursor | null;
    readonly limit: number;
  }): Promise<{ readonly webhooks: number; readonly after: Cursor | null }>;
  /**
   * Returns the ids of media that were deleted before the time `before`, those first that were deleted
   * first. Only the id and the state of a deleted media are still stored.
   */
  deletedMedia(request: { readonly before: number; readonly limit: number }): Promise<readonly string[]>;
  /** Removes the rows of the media in `ids` that were deleted. The files of these media must be gone. */
  removeMedia(ids: readonly string[]): Promise<void>;
  /**
   * Removes audit records older than `before`, the oldest first.
   * @returns the number of records that were removed; a number below `limit` means that no older record is
   * left
   */
  removeAuditRecords(request: { readonly before: number; readonly limit: number }): Promise<number>;
}
