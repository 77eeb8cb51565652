import { type Kysely, type Selectable, sql } from 'kysely';
import type { Change } from '../../domain/audit.ts';
import type { Attempt, Delivery, DeliveryState, PendingFacts } from '../../domain/delivery.ts';
import type { EventType } from '../../domain/event.ts';
import type {
  DeliveryDetail,
  DeliveryListRequest,
  DeliveryPage,
  StoryPage,
} from '../contracts/deliveries.ts';
import type { Cursor } from '../contracts/page.ts';
import { record } from './audit.ts';
import { findMatches } from './delivery-search/find-matches.ts';
import { eventsOf, withAttempts } from './delivery-search/story.ts';
import { findRevisions } from './requests/webhook-revisions.ts';
import { deliveryId, parseDeliveryId } from './tables/delivery-keys.ts';
import type { DeliveriesTable, Schema } from './tables/schema.ts';

interface DeliveryRow extends Selectable<DeliveriesTable> {
  readonly eventId: string;
  readonly mediaId: string;
  readonly webhookId: string;
  readonly userId: string;
  /** When the webhook was deleted. `null`: the webhook exists. */
  readonly deletedAt: number | null;
  readonly pausedAt: number | null;
  readonly readySeq: number | null;
  readonly readyCreatedAt: number | null;
}

/**
 * Maximum number of pending deliveries that are read to find the ready delivery of a lane. The ready delivery
 * is the oldest one, unless older deliveries were resent while it was already ready.
 */
const MAX_READ_OF_LANE = 100;

/** Maximum number of attempts that are read with a delivery. Each has up to some kilobytes. */
const MAX_ATTEMPTS = 200;

/** Selects the number of the ready delivery in the lane of a pending delivery that is not ready itself. */
const READY_OF_LANE = sql<number>`case
  when deliveries.state = 'pending' and deliveries.next_attempt_at is null then (
    select seq from (
      select other.seq, other.next_attempt_at from deliveries other
      where other.webhook_seq = deliveries.webhook_seq and other.lane = deliveries.lane and other.state = 'pending'
      order by other.seq limit ${sql.lit(MAX_READ_OF_LANE)}) as waiting
    where next_attempt_at is not null limit 1) end`;

function selectDeliveries(db: Kysely<Schema>) {
  return db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.seq', 'deliveries.eventSeq')
    .innerJoin('webhooks', 'webhooks.seq', 'deliveries.webhookSeq')
    .leftJoin('deliveries as ready', (join) => join.on('ready.seq', '=', READY_OF_LANE))
    .selectAll('deliveries')
    .select(['events.id as eventId', 'events.mediaId', 'webhooks.id as webhookId', 'webhooks.userId'])
    .select([
      'webhooks.deletedAt',
      'webhooks.pausedAt',
      'ready.seq as readySeq',
      'ready.createdAt as readyCreatedAt',
    ]);
}

export async function listDeliveries(
  db: Kysely<Schema>,
  userId: string,
  webhookId: string | null,
  request: DeliveryListRequest,
): Promise<DeliveryPage> {
  const { seqs, next } = await findMatches(db, { ...request, userId, webhookId });
  if (seqs.length === 0) return { items: [], next };
  const rows = await selectDeliveries(db)
    .where('deliveries.seq', 'in', seqs)
    .orderBy('deliveries.seq', 'desc')
    .execute();
  return { items: rows.map(toDelivery), next };
}

export async function storyOfMedia(
  db: Kysely<Schema>,
  userId: string,
  mediaId: string,
  page: { readonly before: Cursor | null; readonly limit: number },
): Promise<StoryPage> {
  const { items, next } = await listDeliveries(db, userId, null, {
    ...{ ...page, mediaId },
    ...{ state: null, event: null },
  });
  if (items.length === 0) return { deliveries: [], events: [], next };
  return { deliveries: await withAttempts(db, items), events: await eventsOf(db, items), next };
}

export async function findDelivery(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  before?: Cursor,
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
  const { attempts, earlier } = await attemptsBefore(db, row, before);
  const numbers = new Set(attempts.map(({ revision }) => revision).filter((one) => one !== null));
  const revisions = await findRevisions(db, [...numbers]);
  return { delivery: toDelivery(row), body: row.body, attempts, earlier, revisions };
}

/** Reads the newest attempts of a delivery, or those before the attempt with the number `before`. */
async function attemptsBefore(
  db: Kysely<Schema>,
  row: DeliveryRow,
  before?: Cursor,
): Promise<Pick<DeliveryDetail, 'attempts' | 'earlier'>> {
  const found = before === undefined ? lastAttempt(row) : [];
  const most = MAX_ATTEMPTS - found.length;
  const stored = await db
    .selectFrom('attempts')
    .select(['number', 'at', 'durationMs', 'status', 'response', 'error', 'revision'])
    .where('deliverySeq', '=', row.seq)
    .where('number', '<', before === undefined ? row.attempts + 1 : Number(before))
    .orderBy('number', 'desc')
    .limit(most + 1)
    .execute();
  const attempts = [...stored.slice(0, most).reverse(), ...found];
  return { attempts, earlier: stored.length > most ? String(attempts[0]?.number) : null };
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
      revision: row.lastRevision,
    },
  ];
}

/**
 * Makes a delivery of its row. A pending delivery of a deleted webhook is shown as cancelled, because the
 * deletion cancels many deliveries step by step.
 */
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
    lastAttempt:
      row.lastAt === null ? null : { at: row.lastAt, status: row.lastStatus, error: row.lastError },
    pending: row.state === 'pending' && !isCancelled ? pendingFacts(row) : null,
  };
}

function pendingFacts({ seq, claimed, pausedAt, readySeq, readyCreatedAt }: DeliveryRow): PendingFacts {
  return {
    seq,
    isClaimed: claimed === 1,
    isPaused: pausedAt !== null,
    waitsFor: readySeq === null || readyCreatedAt === null ? null : deliveryId(readySeq, readyCreatedAt),
  };
}
