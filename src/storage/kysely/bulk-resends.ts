import { type Kysely, type Selectable, sql } from 'kysely';
import type { Actor } from '../../domain/audit.ts';
import type { BulkResend, BulkResendState } from '../../domain/bulk-resend.ts';
import type { BulkResendPage, BulkResendProgress, BulkResendStep } from '../contracts/bulk-resends.ts';
import type { Cursor } from '../contracts/page.ts';
import { record } from './audit.ts';
import { queueAgain } from './deliveries.ts';
import type { RecoveriesTable, Schema } from './tables/schema.ts';
import { hasWebhook } from './webhooks.ts';

/** Maximum number of bulk resends of one webhook that run at the same time. */
const MAX_RUNNING = 10;
/** Maximum number of bulk resends that are listed for a webhook. */
const MAX_LISTED = 100;
/**
 * Maximum number of bulk resends that the creation of another one removes. It is more than one, so that a webhook
 * with more than `MAX_LISTED` bulk resends gets fewer.
 */
const REMOVED_AT_ONCE = 20;
/**
 * Maximum number of failed deliveries that one call of `advanceBulkResends` reads. Its steps share the number
 * equally. Deliveries that failed before `since` or after `until` count, too, although they are not queued.
 */
const MAX_READ = 1_000;
/**
 * Maximum number of deliveries that one call of `advanceBulkResends` queues, which takes about 10 ms. Its steps
 * share the number equally.
 */
const MAX_QUEUED = 200;

/** Cursor of a new bulk resend. The numbers of all deliveries are greater. */
const START = 0;

/**
 * Selects running bulk resends. The SQL contains the value itself instead of a parameter, because a partial
 * index is not used with a parameter.
 */
const isRunning = sql<boolean>`state = 'running'`;

export async function createBulkResend(
  db: Kysely<Schema>,
  bulkResend: BulkResend,
  by: Actor | null,
): Promise<BulkResend | 'too many' | null> {
  const { webhookId, userId, since, until } = bulkResend;
  if (!(await hasWebhook(db, userId, webhookId))) return null;
  const running = await db
    .selectFrom('recoveries')
    .selectAll()
    .where('webhookId', '=', webhookId)
    .where(isRunning)
    .orderBy('id')
    .execute();
  const same = running.find((other) => other.since === since && other.until >= until);
  if (same) return toBulkResend(same);
  if (running.length >= MAX_RUNNING) return 'too many';
  await removeUnlisted(db, webhookId);
  await db
    .insertInto('recoveries')
    .values({ ...bulkResend, cursor: START })
    .execute();
  const { createdAt: at } = bulkResend;
  await record(db, by, { at, accountId: userId, action: 'webhook.recovery_started', targetId: webhookId });
  return bulkResend;
}

/**
 * Removes ended bulk resends of the webhook that are too old to be listed once one more is created. Removes at
 * most `REMOVED_AT_ONCE` of them, so that the cost is limited.
 */
async function removeUnlisted(db: Kysely<Schema>, webhookId: string): Promise<void> {
  const unlisted = db
    .selectFrom('recoveries')
    .select('id')
    .where('webhookId', '=', webhookId)
    .orderBy('id', 'desc')
    .limit(REMOVED_AT_ONCE)
    .offset(MAX_LISTED - 1);
  await db.deleteFrom('recoveries').where('id', 'in', unlisted).where('state', '<>', 'running').execute();
}

export async function listBulkResends(
  db: Kysely<Schema>,
  userId: string,
  webhookId: string,
): Promise<BulkResend[]> {
  const rows = await db
    .selectFrom('recoveries')
    .selectAll()
    .where('webhookId', '=', webhookId)
    .where('userId', '=', userId)
    .orderBy('id', 'desc')
    .limit(MAX_LISTED)
    .execute();
  return rows.map(toBulkResend);
}

/** Implements `BulkResendStore.running`. A cursor is the id of a bulk resend. */
export async function runningBulkResends(
  db: Kysely<Schema>,
  after: Cursor | null,
  limit: number,
): Promise<BulkResendPage> {
  const rows = await db
    .selectFrom('recoveries')
    .selectAll()
    .where('id', '>', after ?? '')
    .where(isRunning)
    .orderBy('id')
    .limit(limit)
    .execute();
  return { items: rows.map(toBulkResend), after: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
}

export async function advanceBulkResends(
  db: Kysely<Schema>,
  steps: readonly BulkResendStep[],
  now: number,
  steadyNow = now,
): Promise<BulkResendProgress[]> {
  const progress: BulkResendProgress[] = [];
  const options = { now, steadyNow, reads: share(MAX_READ, steps), most: share(MAX_QUEUED, steps) };
  for (const step of steps) progress.push(await advance(db, step, options));
  return progress;
}

/** Returns the part of `whole` that each step gets, so that no step waits for the others. */
function share(whole: number, steps: readonly BulkResendStep[]): number {
  return Math.ceil(whole / steps.length);
}

/**
 * Time of a step, by the wall clock and by the steady clock, and its share of the work. Deliveries are due by
 * the steady clock.
 */
interface AdvanceOptions {
  readonly now: number;
  readonly steadyNow: number;
  /** Maximum number of failed deliveries that the step reads. */
  readonly reads: number;
  /** Maximum number of deliveries that the step queues. */
  readonly most: number;
}

async function advance(
  db: Kysely<Schema>,
  step: BulkResendStep,
  { now, steadyNow, reads, most }: AdvanceOptions,
): Promise<BulkResendProgress> {
  const bulkResend = await db
    .selectFrom('recoveries')
    .innerJoin('webhooks', 'webhooks.id', 'recoveries.webhookId')
    .selectAll('recoveries')
    .select(['webhooks.seq as webhookSeq', 'webhooks.pausedAt', 'webhooks.maxInFlight'])
    .where('recoveries.id', '=', step.id)
    .where('recoveries.state', '=', 'running')
    .executeTakeFirst();
  if (!bulkResend) return { id: step.id, queued: 0, isRunning: false };
  const room = Math.min(step.limit, most, (bulkResend.maxInFlight ?? step.maxInFlight) - step.buffered);
  const mustWait =
    room < 1 || bulkResend.pausedAt !== null || (await anyDue(db, bulkResend.webhookSeq, steadyNow));
  if (mustWait) return { id: step.id, queued: 0, isRunning: true };
  const { queued, cursor, isDone } = await queueSome(db, bulkResend, { room, reads, steadyNow });
  await db
    .updateTable('recoveries')
    .set({
      cursor,
      queued: bulkResend.queued + queued,
      ...(isDone ? { state: 'done', endedAt: now } : {}),
    })
    .where('id', '=', step.id)
    .execute();
  return { id: step.id, queued, isRunning: !isDone };
}

/**
 * Queues up to `room` deliveries that failed from `since` to `until`, oldest first, beginning after the
 * cursor of the bulk resend. Reads at most `reads` deliveries.
 */
async function queueSome(
  db: Kysely<Schema>,
  bulkResend: Selectable<RecoveriesTable> & { webhookSeq: number },
  { room, reads, steadyNow }: { room: number; reads: number; steadyNow: number },
): Promise<{ queued: number; cursor: number; isDone: boolean }> {
  const failed = await db
    .selectFrom('deliveries')
    .select(['seq', 'webhookSeq', 'lane', 'attempts', 'endedAt'])
    .where('webhookSeq', '=', bulkResend.webhookSeq)
    .where(sql<boolean>`state = 'failed'`)
    .where('seq', '>', bulkResend.cursor)
    .orderBy('seq')
    .limit(reads)
    .execute();
  let { cursor } = bulkResend;
  let queued = 0;
  for (const delivery of failed) {
    if (queued === room) return { queued, cursor, isDone: false };
    cursor = delivery.seq;
    const endedAt = delivery.endedAt ?? 0;
    if (endedAt < bulkResend.since || endedAt > bulkResend.until) continue;
    await queueAgain(db, delivery, steadyNow);
    queued += 1;
  }
  return { queued, cursor, isDone: failed.length < reads };
}

/** Returns whether a delivery of the webhook is due and unclaimed. */
async function anyDue(db: Kysely<Schema>, webhookSeq: number, steadyNow: number): Promise<boolean> {
  const due = await db
    .selectFrom('deliveries')
    .select('seq')
    .where('webhookSeq', '=', webhookSeq)
    .where(sql<boolean>`state = 'pending' and claimed = 0 and next_attempt_at is not null`)
    .where('nextAttemptAt', '<=', steadyNow)
    .limit(1)
    .executeTakeFirst();
  return due !== undefined;
}

function toBulkResend(row: Selectable<RecoveriesTable>): BulkResend {
  const { cursor: _, ...bulkResend } = row;
  return { ...bulkResend, state: row.state as BulkResendState };
}
