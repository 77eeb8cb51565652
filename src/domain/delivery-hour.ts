/** Milliseconds of an hour. */
export const HOUR_MS = 3_600_000;

/** Numbers of attempts and deliveries of one webhook or one account in one hour. */
export interface DeliveryHour {
  /** Number of the hour since the epoch. */
  readonly hour: number;
  /** Id of the webhook or of the account. */
  readonly owner: string;
  readonly attempts: number;
  /** Number of attempts that were answered 2xx. */
  readonly acknowledged: number;
  /** Number of attempts without an answer. */
  readonly unanswered: number;
  /** Number of deliveries that succeeded, and number of those that were given up. */
  readonly succeeded: number;
  readonly failed: number;
  /** Milliseconds that all attempts took together. */
  readonly durationMs: number;
}
