import type { EventMessage, ReadyDelivery, WebhookTarget } from '../../domain/delivery.ts';
import { deliveryId } from '../kysely/tables/delivery-keys.ts';
import type { Database } from './database.ts';
import { type TargetRow, toTarget } from './lookups/webhook-target.ts';
import type { UnwrittenDelivery } from './unwritten/unwritten-deliveries.ts';

/**
 * Start of a query that selects deliveries (`d`) with their events (`e`). A `where` clause must be appended.
 */
export const SELECT_READY = `
  select d.seq, d.created_at as createdAt, d.attempts, d.attempts_before as attemptsBefore,
    d.webhook_seq as webhookSeq, e.id as eventId, e.media_id as mediaId, e.body
  from deliveries d join events e on e.seq = d.event_seq`;

const EVENT = `select id as eventId, media_id as mediaId, body from events where seq = ?`;

interface ReadyRow {
  readonly seq: number;
  readonly createdAt: number;
  readonly attempts: number;
  readonly attemptsBefore: number;
  readonly webhookSeq: number;
  readonly eventId: string;
  readonly mediaId: string;
  readonly body: string;
}

const WEBHOOK = `
  select id, url, credentials, retry_schedule as retrySchedule, max_in_flight as maxInFlight, revision,
    paused_at as pausedAt
  from webhooks where seq = ?`;

interface Recipient {
  readonly webhook: WebhookTarget;
  readonly isPaused: boolean;
}

/**
 * Makes ready deliveries from the rows of one answer. Deliveries of the same event share one object for the
 * event. Deliveries of the same webhook share one object for the webhook, which is read from the database
 * only once.
 */
export class ReadyRows {
  readonly #db: Database;
  readonly #events = new Map<string, EventMessage>();
  readonly #recipients = new Map<number, Recipient>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** @param row a row that a query with `SELECT_READY` has returned */
  toReadyDelivery(row: unknown): ReadyDelivery {
    const { seq, createdAt, attempts, attemptsBefore, webhookSeq, eventId, mediaId, body } = row as ReadyRow;
    const { webhook } = this.#recipientOf(webhookSeq);
    const event = this.#events.getOrInsertComputed(eventId, () => ({ id: eventId, mediaId, body }));
    return { id: deliveryId(seq, createdAt), seq, event, webhook, attempts, attemptsBefore };
  }

  /** @param row a row that a query with `SELECT_READY` has returned */
  isPaused(row: unknown): boolean {
    return this.#recipientOf((row as ReadyRow).webhookSeq).isPaused;
  }

  /** Returns whether a webhook is paused. */
  isWebhookPaused(webhookSeq: number): boolean {
    return this.#recipientOf(webhookSeq).isPaused;
  }

  /** Makes a ready delivery from one that has no row. */
  readyOf({ seq, createdAt, webhookSeq, event }: UnwrittenDelivery): ReadyDelivery {
    const row = this.#db.prepare(EVENT).get(event.seq);
    return this.toReadyDelivery({ ...row, seq, createdAt, webhookSeq, attempts: 0, attemptsBefore: 0 });
  }

  #recipientOf(webhookSeq: number): Recipient {
    return this.#recipients.getOrInsertComputed(webhookSeq, () => {
      const { pausedAt, ...target } = this.#db.prepare(WEBHOOK).get(webhookSeq) as unknown as WebhookRow;
      return { webhook: toTarget(target, this.#db.credentials), isPaused: pausedAt !== null };
    });
  }
}

interface WebhookRow extends TargetRow {
  readonly pausedAt: number | null;
}
