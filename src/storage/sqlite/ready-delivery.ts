import type { ReadyDelivery } from '../../domain/delivery.ts';

/** The columns of a `ReadyDelivery`, from a delivery `d` with its event `e` and its webhook `w`. */
const READY_COLUMNS = `
  d.id, d.seq, d.webhook_id as webhookId, d.media_id as mediaId, e.id as eventId, e.body, w.url, w.secret,
  d.attempts, d.attempts_before as attemptsBefore`;

/** Selects ready deliveries; to be completed with a `where`. */
export const SELECT_READY = `
  select ${READY_COLUMNS}
  from deliveries d join events e on e.seq = d.event_seq join webhooks w on w.id = d.webhook_id`;

export function toReadyDelivery(row: unknown): ReadyDelivery {
  return { ...(row as ReadyDelivery) };
}
