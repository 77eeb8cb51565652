/**
 * A bulk resend takes all deliveries of one webhook that failed between two times, and sends them again.
 *
 *   running ── all its deliveries are queued ──▶ done
 *      └─────── the webhook is deleted ────────▶ cancelled
 */
export const BULK_RESEND_STATES = ['running', 'done', 'cancelled'] as const;
export type BulkResendState = (typeof BULK_RESEND_STATES)[number];

export interface BulkResend {
  /** UUIDv7. A bulk resend that was created later has a greater id. */
  readonly id: string;
  readonly webhookId: string;
  readonly userId: string;
  /**
   * Deliveries that failed at this time or later are sent again. All times are milliseconds since the epoch.
   */
  readonly since: number;
  /**
   * Deliveries that failed at this time or earlier are sent again. This time is never after `createdAt`. So
   * if a delivery fails again during the bulk resend, the same bulk resend does not send it a second time.
   */
  readonly until: number;
  readonly state: BulkResendState;
  /** Number of deliveries that the bulk resend has queued so far. */
  readonly queued: number;
  readonly createdAt: number;
  /** When the bulk resend was done or cancelled. `null`: the bulk resend is running. */
  readonly endedAt: number | null;
}
