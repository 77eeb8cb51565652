import type { Selectable } from 'kysely';
import { EVENT_TYPES, type EventType } from '../../../domain/event.ts';
import type { PauseReason, RetrySchedule, Webhook } from '../../../domain/webhook.ts';
import type { SealedCredentials } from '../../encryption/webhook-credentials.ts';
import type { WebhooksTable } from './schema.ts';

type EventColumn =
  | 'fileReceived'
  | 'encodingStarted'
  | 'partialFinished'
  | 'encodingFinished'
  | 'encodingFailed';

/** For each event type, the name of the column that says whether a webhook subscribes to this event type. */
export const EVENT_COLUMN = {
  'file.received': 'fileReceived',
  'encoding.started': 'encodingStarted',
  'partial.finished': 'partialFinished',
  'encoding.finished': 'encodingFinished',
  'encoding.failed': 'encodingFailed',
} as const satisfies Record<EventType, EventColumn>;

export function eventColumns(events: readonly EventType[]): Record<EventColumn, number> {
  const columns = {} as Record<EventColumn, number>;
  for (const type of EVENT_TYPES) columns[EVENT_COLUMN[type]] = Number(events.includes(type));
  return columns;
}

/**
 * Returns the text with which the database stores a retry schedule: the schedule's name, or its delays as
 * JSON.
 */
export function retryScheduleText(schedule: RetrySchedule): string {
  return typeof schedule === 'string' ? schedule : JSON.stringify(schedule);
}

export function retryScheduleOf(text: string): RetrySchedule {
  return text === 'default' || text === 'exponential' ? text : JSON.parse(text);
}

/** @throws Error with the id of the webhook, when its credentials can't be decrypted */
export function toWebhook(credentials: SealedCredentials, row: Selectable<WebhooksTable>): Webhook {
  return {
    id: row.id,
    userId: row.userId,
    name: row.name,
    url: row.url,
    events: EVENT_TYPES.filter((type) => row[EVENT_COLUMN[type]] === 1),
    ...credentials.open(row.id, row.credentials),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    lastTriggeredAt: row.lastTriggeredAt,
    retrySchedule: retryScheduleOf(row.retrySchedule),
    maxInFlight: row.maxInFlight,
    pausedAt: row.pausedAt,
    pauseReason: row.pauseReason as PauseReason | null,
    failingSince: row.failingSince,
    lastError: row.lastError,
  };
}
