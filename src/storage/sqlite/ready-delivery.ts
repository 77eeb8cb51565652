import type { EventMessage, ReadyDelivery, WebhookTarget } from '../../domain/delivery.ts';
import type { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { deliveryId } from '../operations/delivery-id.ts';
import { retryScheduleOf } from '../retry-schedule-text.ts';

/** The columns of a `ReadyDelivery`, from a delivery `d` with its event `e` and its webhook `w`. */
const READY_COLUMNS = `
  d.seq, d.created_at as createdAt, d.attempts, d.attempts_before as attemptsBefore,
  e.id as eventId, e.media_id as mediaId, e.body, w.id as webhookId, w.url, w.credentials,
  w.retry_schedule as retrySchedule, w.max_in_flight as maxInFlight, w.paused_at as pausedAt`;

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
  readonly credentials: string;
  readonly retrySchedule: string;
  readonly maxInFlight: number | null;
  readonly attempts: number;
  readonly attemptsBefore: number;
}

/** Makes the ready deliveries of one answer, which share their events and webhooks. */
export class ReadyRows {
  readonly #credentials: SealedCredentials;
  readonly #events = new Map<string, EventMessage>();
  readonly #webhooks = new Map<string, WebhookTarget>();

  constructor(credentials: SealedCredentials) {
    this.#credentials = credentials;
  }

  /** @param row a row of `SELECT_READY` */
  toReadyDelivery(row: unknown): ReadyDelivery {
    const { seq, createdAt, attempts, attemptsBefore, eventId, mediaId, body, webhookId, ...rest } =
      row as ReadyRow;
    const event = this.#events.getOrInsertComputed(eventId, () => ({ id: eventId, mediaId, body }));
    const webhook = this.#webhooks.getOrInsertComputed(webhookId, () =>
      toTarget({ id: webhookId, ...rest }, this.#credentials),
    );
    return { id: deliveryId(seq, createdAt), seq, event, webhook, attempts, attemptsBefore };
  }
}

export interface TargetRow {
  readonly id: string;
  readonly url: string;
  readonly credentials: string;
  readonly retrySchedule: string;
  readonly maxInFlight: number | null;
}

/** Leaves out what is left to the service: targets cross threads by the thousand. */
export function toTarget(row: TargetRow, credentials: SealedCredentials): WebhookTarget {
  const { id, url, retrySchedule, maxInFlight } = row;
  return {
    id,
    url,
    ...credentials.targetOf(id, row.credentials),
    ...(retrySchedule === 'default' ? null : { retrySchedule: retryScheduleOf(retrySchedule) }),
    ...(maxInFlight === null ? null : { maxInFlight }),
  };
}
