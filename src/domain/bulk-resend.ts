/**
 * A recovery sends again what failed of one webhook between two times.
 *
 *   running ── everything of it was queued ──▶ done
 *      └────── the webhook was removed ──────▶ cancelled
 */
export const BULK_RESEND_STATES = ['running', 'done', 'cancelled'] as const;
export type BulkResendState = (typeof BULK_RESEND_STATES)[number];

export interface BulkResend {
  /** UUIDv7: grows with the time of its creation. */
  readonly id: string;
  readonly webhookId: string;
  readonly userId: string;
  /** What ended as failed at this time or later is sent again. Milliseconds since the epoch, as are the others. */
  readonly since: number;
  /** And at this time or sooner. Never after its creation, so that what fails again is not sent for ever. */
  readonly until: number;
  readonly state: BulkResendState;
  /** Deliveries queued so far. */
  readonly queued: number;
  readonly createdAt: number;
  /** When it was done or cancelled; null while it runs. */
  readonly endedAt: number | null;
}
