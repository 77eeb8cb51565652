import type { EventMessage, ReadyDelivery, WebhookTarget } from '../../domain/delivery.ts';
import { deliveryId } from '../operations/delivery-id.ts';

/** The columns of a `ReadyDelivery`, from a delivery `d` with its event `e` and its webhook `w`. */
const READY_COLUMNS = `
  d.seq, d.created_at as createdAt, e.media_id as mediaId, e.id as eventId, e.body, w.id as webhookId, w.url, w.secret,
  d.attempts, d.attempts_before as attemptsBefore`;

/** Selects ready deliveries; to be completed with a `where`. */
export const SELECT_READY = `
  select ${READY_COLUMNS}
  from deliveries d join events e on e.seq = d.event_seq join webhooks w on w.seq = d.webhook_seq`;

interface ReadyRow {
  readonly seq: number;
  readonly createdAt: number;
  readonly mediaId: string;
  readonly eventId: string;
  readonly body: string;
  readonly webhookId: string;
  readonly url: string;
  readonly secret: string;
  readonly attempts: number;
  readonly attemptsBefore: number;
}

/** Makes the ready deliveries of one answer, which share their events and webhooks. */
export class ReadyRows {
  readonly #events = new Map<string, EventMessage>();
  readonly #webhooks = new Map<string, WebhookTarget>();

  /** @param row a row of `SELECT_READY` */
  toReadyDelivery(row: unknown): ReadyDelivery {
    const { seq, createdAt, attempts, attemptsBefore, eventId, mediaId, body, webhookId, url, secret } =
      row as ReadyRow;
    const event = this.#events.getOrInsertComputed(eventId, () => ({ id: eventId, mediaId, body }));
    const webhook = this.#webhooks.getOrInsertComputed(webhookId, () => ({ id: webhookId, url, secret }));
    return { id: deliveryId(seq, createdAt), seq, event, webhook, attempts, attemptsBefore };
  }
}
