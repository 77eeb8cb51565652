import { type Kysely, type Selectable, sql } from 'kysely';
import { EVENT_TYPES, type EventType } from '../../domain/event.ts';
import type { PauseReason, Webhook, WebhookChanges } from '../../domain/webhook.ts';
import { retryScheduleOf, retryScheduleText } from '../retry-schedule-text.ts';
import type { Schema, WebhooksTable } from '../schema.ts';
import type { Page, WebhookListRequest } from '../storage.ts';
import { refuseMore } from './account-limits.ts';
import { contains } from './contains.ts';

type EventColumn =
  | 'fileReceived'
  | 'encodingStarted'
  | 'partialFinished'
  | 'encodingFinished'
  | 'encodingFailed';

const EVENT_COLUMN = {
  'file.received': 'fileReceived',
  'encoding.started': 'encodingStarted',
  'partial.finished': 'partialFinished',
  'encoding.finished': 'encodingFinished',
  'encoding.failed': 'encodingFailed',
} as const satisfies Record<EventType, EventColumn>;

/** See `WebhookStore.create`. To be run in a transaction. */
export async function createWebhook(
  db: Kysely<Schema>,
  webhook: Webhook,
  most: number | null = null,
): Promise<void> {
  if (most !== null) {
    const present = db.selectFrom('webhooks').where('userId', '=', webhook.userId);
    const { count } = await present
      .where('deletedAt', 'is', null)
      .select((e) => e.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    refuseMore(count, most, 'webhooks');
  }
  const { events, retrySchedule, ...columns } = webhook;
  await db
    .insertInto('webhooks')
    .values({
      ...columns,
      ...eventColumns(events),
      retrySchedule: retryScheduleText(retrySchedule),
      deletedAt: null,
    })
    .execute();
}

export async function listWebhooks(
  db: Kysely<Schema>,
  userId: string,
  request: WebhookListRequest,
): Promise<Page<Webhook>> {
  let query = db.selectFrom('webhooks').where('userId', '=', userId).where('deletedAt', 'is', null);
  if (request.search !== null) query = query.where(contains('name', request.search));
  for (const type of EVENT_TYPES) {
    const wanted = request.events[type];
    if (wanted !== undefined) query = query.where(EVENT_COLUMN[type], '=', Number(wanted));
  }
  const { total } = await query.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy(request.sortBy, request.orderBy)
    .orderBy('id', request.orderBy)
    .offset(request.offset)
    .limit(request.limit)
    .execute();
  return { items: rows.map(toWebhook), total };
}

export async function findWebhook(db: Kysely<Schema>, userId: string, id: string): Promise<Webhook | null> {
  const row = await db
    .selectFrom('webhooks')
    .selectAll()
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  return row ? toWebhook(row) : null;
}

export async function knownWebhook(db: Kysely<Schema>, userId: string, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('webhooks')
    .select('seq')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export async function updateWebhook(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  changes: WebhookChanges,
  now: number,
): Promise<Webhook | null> {
  const { events, retrySchedule, ...columns } = changes;
  const row = await db
    .updateTable('webhooks')
    .set({
      ...columns,
      ...(events ? eventColumns(events) : {}),
      ...(retrySchedule ? { retrySchedule: retryScheduleText(retrySchedule) } : {}),
      updatedAt: now,
    })
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ? toWebhook(row) : null;
}

export async function pauseWebhook(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  now: number,
): Promise<Webhook | null> {
  await ownWebhook(db, userId, id)
    .set({ pausedAt: now, pauseReason: 'owner', updatedAt: now })
    .where('pausedAt', 'is', null)
    .execute();
  return findWebhook(db, userId, id);
}

export async function resumeWebhook(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  now: number,
): Promise<Webhook | null> {
  await ownWebhook(db, userId, id)
    .set({ pausedAt: null, pauseReason: null, failingSince: null, updatedAt: now })
    .where('pausedAt', 'is not', null)
    .execute();
  return findWebhook(db, userId, id);
}

function ownWebhook(db: Kysely<Schema>, userId: string, id: string) {
  return db
    .updateTable('webhooks')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('deletedAt', 'is', null);
}

export async function deleteWebhook(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  now: number,
): Promise<{ cancelled: number } | null> {
  const row = await db
    .updateTable('webhooks')
    .set({ deletedAt: now, updatedAt: now, secret: '' })
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .returning('seq')
    .executeTakeFirst();
  if (!row) return null;
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ state: 'cancelled', endedAt: now, nextAttemptAt: null, claimed: 0 })
    .where('webhookSeq', '=', row.seq)
    // Written out, for a partial index serves no bound value.
    .where(sql<boolean>`state = 'pending'`)
    .executeTakeFirstOrThrow();
  await db
    .updateTable('recoveries')
    .set({ state: 'cancelled', endedAt: now })
    .where('webhookId', '=', id)
    .where('state', '=', 'running')
    .execute();
  return { cancelled: Number(numUpdatedRows) };
}

function eventColumns(events: readonly EventType[]): Record<EventColumn, number> {
  const columns = {} as Record<EventColumn, number>;
  for (const type of EVENT_TYPES) columns[EVENT_COLUMN[type]] = Number(events.includes(type));
  return columns;
}

function toWebhook(row: Selectable<WebhooksTable>): Webhook {
  return {
    id: row.id,
    userId: row.userId,
    name: row.name,
    url: row.url,
    events: EVENT_TYPES.filter((type) => row[EVENT_COLUMN[type]] === 1),
    secret: row.secret,
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
