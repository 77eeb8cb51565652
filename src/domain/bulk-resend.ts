/**
 * A bulk resend sends again the deliveries of one webhook that failed between two times.
 *
 *   running ── all its deliveries are queued ──▶ done
 *      └─────── the webhook is deleted ────────▶ cancelled
 */
export const BULK_RESEND_STATES = ['running', 'done', 'cancelled'] as const;
export type BulkResendState = (typeof BULK_RESEND_STATES)[number];

export interface BulkResend {
  /** UUIDv7, so that ids grow with the time of creation. */
  readonly id: string;
  readonly webhookId: string;
  readonly userId: string;
  /** Deliveries that failed at this time or later are sent again. All times are milliseconds since the epoch. */
  readonly since: number;
  /**
   * Deliveries that failed at this time or earlier are sent again. It is never after `createdAt`, so that a
   * delivery that fails once more is not sent forever.
   */
  readonly until: number;
  readonly state: BulkResendState;
  /** Number of deliveries queued so far. */
  readonly queued: number;
  readonly createdAt: number;
  /** When it was done or cancelled. `null`: it is running. */
  readonly endedAt: number | null;
}
