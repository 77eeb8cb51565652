export interface RetentionRequest {
  readonly before: number;
  /** Where the step before it ended; null begins a round. */
  readonly after: RetentionCursor | null;
  readonly limit: number;
}

/** Where a round stands: made by the backend, and of no meaning to its caller. */
export interface RetentionCursor {
  /** Numbers of the last event and of the last delivery that are done with. */
  readonly event: number;
  readonly delivery: number;
  /** Of the event after it, a delivery was seen that stays. */
  readonly isEventOwed: boolean;
}

export interface RetentionStep {
  /** How many were removed. */
  readonly events: number;
  readonly deliveries: number;
  /** Null when the round is complete. */
  readonly after: RetentionCursor | null;
}

/**
 * Removes what is old, in small steps; a round of them goes over everything. A step is cheap whatever the size of
 * the database: it looks at `limit` rows at the most (a delivery's attempts, which go with it, may exceed that), by
 * primary keys, from where the one before it ended. No step may need an index that commits would have to keep.
 */
export interface RetentionStore {
  /**
   * Removes deliveries that ended before `before`, with their attempts, and events that were committed before it and
   * have no delivery left. What is pending stays, however old, and so does its event: lanes are not touched. With an
   * event goes its idempotency key: the same event is then taken for a new one.
   */
  removeEvents(request: RetentionRequest): Promise<RetentionStep>;
  /** Removes webhooks that their owners have removed, once none of their deliveries is left. */
  removeWebhooks(request: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<{ readonly webhooks: number; readonly after: string | null }>;
  /** Removes audit records from before `before`, the oldest first. @returns how many; fewer than `limit` were the last */
  removeAuditRecords(request: { readonly before: number; readonly limit: number }): Promise<number>;
}
