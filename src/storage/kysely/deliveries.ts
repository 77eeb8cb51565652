import { type Expression, type Kysely, type Selectable, type SqlBool, sql } from 'kysely';
import type { Change } from '../../domain/audit.ts';
import type { Attempt, Delivery, DeliveryState } from '../../domain/delivery.ts';
import type { EventType } from '../../domain/event.ts';
import type { DeliveryDetail, DeliveryListRequest } from '../contracts/deliveries.ts';
import type { Cursor } from '../contracts/page.ts';
import { record } from './audit.ts';
import { deliveryId, parseDeliveryId } from './tables/delivery-keys.ts';
import type { DeliveriesTable, Schema } from './tables/schema.ts';

interface DeliveryRow extends Selectable<DeliveriesTable> {
  readonly eventId: string;
  readonly mediaId: string;
  readonly webhookId: string;
  readonly userId: string;
  /** When the webhook was deleted. `null`: the webhook exists. */
  readonly deletedAt: number | null;
}

function selectDeliveries(db: Kysely<Schema>) {
  return db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.seq', 'deliveries.eventSeq')
    .innerJoin('webhooks', 'webhooks.seq', 'deliveries.webhookSeq')
    .selectAll('deliveries')
    .select([
      'events.id as eventId',
      'events.mediaId',
      'webhooks.id as webhookId',
      'webhooks.userId',
      'webhooks.deletedAt',
    ]);
}

export async function listDeliveries(
  db: Kysely<Schema>,
  userId: string,
  webhookId: string,
  request: DeliveryListRequest,
): Promise<{ items: Delivery[]; next: Cursor | null }> {
  let query = selectDeliveries(db).where('webhooks.id', '=', webhookId).where('webhooks.userId', '=', userId);
  if (request.before !== null) query = query.where('deliveries.seq', '<', Number(request.before));
  if (request.state !== null) query = query.where(hasState(request.state));
  if (request.event !== null) query = query.where('deliveries.eventType', '=', request.event);
  // Reads one row more than requested: if that row exists, there is a next page.
  const rows = await query
    .orderBy('deliveries.seq', 'desc')
    .limit(request.limit + 1)
    .execute();
  const page = rows.slice(0, request.limit);
  const last = page.at(-1);
  return { items: page.map(toDelivery), next: last && rows.length > page.length ? String(last.seq) : null };
}

export async function findDelivery(
  db: Kysely<Schema>,
  userId: string,
  id: string,
): Promise<DeliveryDetail | null> {
  const key = parseDeliveryId(id);
  if (!key) return null;
  const row = await selectDeliveries(db)
    .select('events.body')
    .where('webhooks.userId', '=', userId)
    .where('deliveries.seq', '=', key.seq)
    .where('deliveries.createdAt', '=', key.createdAt)
    .executeTakeFirst();
  if (!row) return null;
  const earlier = await db
    .selectFrom('attempts')
    .select(['number', 'at', 'durationMs', 'status', 'response', 'error'])
    .where('deliverySeq', '=', row.seq)
    .orderBy('number')
    .execute();
  return { delivery: toDelivery(row), body: row.body, attempts: [...earlier, ...lastAttempt(row)] };
}

export async function resendDelivery(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  { at, by }: Change,
  steadyNow = at,
): Promise<'queued' | 'gone' | null> {
  const key = parseDeliveryId(id);
  if (!key) return null;
  const row = await db
    .selectFrom('deliveries')
    .innerJoin('webhooks', 'webhooks.seq', 'deliveries.webhookSeq')
    .selectAll('deliveries')
    .select('webhooks.deletedAt')
    .where('webhooks.userId', '=', userId)
    .where('deliveries.seq', '=', key.seq)
    .where('deliveries.createdAt', '=', key.createdAt)
    .executeTakeFirst();
  if (!row) return null;
  if (row.deletedAt !== null) return 'gone';
  const note = () =>
    record(db, by, {
      at,
      accountId: userId,
      action: 'delivery.resent',
      targetId: deliveryId(row.seq, row.createdAt),
    });
  if (row.state === 'pending') {
    const { numUpdatedRows } = await db
      .updateTable('deliveries')
      .set({ nextAttemptAt: steadyNow })
      .where('seq', '=', row.seq)
      .where('claimed', '=', 0)
      .where('nextAttemptAt', '>', steadyNow)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n) await note();
    return 'queued';
  }
  await queueAgain(db, row, steadyNow);
  await note();
  return 'queued';
}

/**
 * Sets an ended delivery back to pending, with a whole new retry schedule.
 * @param steadyNow time of the steady clock
 */
export async function queueAgain(
  db: Kysely<Schema>,
  delivery: Pick<Selectable<DeliveriesTable>, 'seq' | 'webhookSeq' | 'lane' | 'attempts'>,
  steadyNow: number,
): Promise<void> {
  const ready = await db
    .selectFrom('deliveries')
    .select('seq')
    .where('webhookSeq', '=', delivery.webhookSeq)
    .where('lane', '=', delivery.lane)
    .where(sql<boolean>`state = 'pending'`)
    .limit(1)
    .executeTakeFirst();
  await db
    .updateTable('deliveries')
    .set({
      state: 'pending',
      attemptsBefore: delivery.attempts,
      endedAt: null,
      claimed: 0,
      // If another delivery of the lane is pending, this delivery waits without a due time. `Queue.settle`
      // makes it ready when it is the oldest waiting delivery of the lane.
      nextAttemptAt: ready ? null : steadyNow,
    })
    .where('seq', '=', delivery.seq)
    .execute();
}

function lastAttempt(row: DeliveryRow): Attempt[] {
  if (row.lastAt === null) return [];
  return [
    {
      number: row.attempts,
      at: row.lastAt,
      durationMs: Number(row.lastDurationMs),
      status: row.lastStatus,
      response: row.lastResponse,
      error: row.lastError,
    },
  ];
}

/**
 * Condition that a delivery is shown with `state`. A pending delivery of a deleted webhook is shown as cancelled,
 * because the deletion cancels many deliveries step by step.
 */
function hasState(state: DeliveryState): Expression<SqlBool> {
  if (state === 'pending') return sql<SqlBool>`deliveries.state = 'pending' and webhooks.deleted_at is null`;
  if (state !== 'cancelled') return sql<SqlBool>`deliveries.state = ${state}`;
  return sql<SqlBool>`(deliveries.state = 'cancelled'
    or deliveries.state = 'pending' and webhooks.deleted_at is not null)`;
}

function toDelivery(row: DeliveryRow): Delivery {
  const isCancelled = row.state === 'pending' && row.deletedAt !== null;
  return {
    id: deliveryId(row.seq, row.createdAt),
    webhookId: row.webhookId,
    userId: row.userId,
    eventId: row.eventId,
    eventType: row.eventType as EventType,
    mediaId: row.mediaId,
    state: isCancelled ? 'cancelled' : (row.state as DeliveryState),
    attempts: row.attempts,
    nextAttemptAt: isCancelled ? null : row.nextAttemptAt,
    createdAt: row.createdAt,
    endedAt: isCancelled ? row.deletedAt : row.endedAt,
  };
}
