import { type Kysely, type Selectable, sql } from 'kysely';
import type { Actor } from '../../domain/audit.ts';
import type { BulkResend, BulkResendState } from '../../domain/bulk-resend.ts';
import type { BulkResendProgress, BulkResendStep } from '../contracts/bulk-resends.ts';
import { record } from './audit.ts';
import { queueAgain } from './deliveries.ts';
import type { RecoveriesTable, Schema } from './schema.ts';
import { hasWebhook } from './webhooks.ts';

/** Recoveries of one webhook that may run at once. */
const MAX_RUNNING = 10;
/** Recoveries that are told of one webhook. */
const MAX_LISTED = 100;
/** Failed deliveries looked at in one step: those outside the recovery's times cost it a row each. */
const MAX_LOOKED_AT = 1_000;

/** Before any delivery. */
const START = 0;

/** Written out, for a partial index serves no bound value. */
const isRunning = sql<boolean>`state = 'running'`;

export async function createBulkResend(
  db: Kysely<Schema>,
  recovery: BulkResend,
  by: Actor | null,
): Promise<BulkResend | 'too many' | null> {
  const { webhookId, userId, since, until } = recovery;
  if (!(await hasWebhook(db, userId, webhookId))) return null;
  const running = await db
    .selectFrom('recoveries')
    .selectAll()
    .where('webhookId', '=', webhookId)
    .where(isRunning)
    .orderBy('id')
    .execute();
  const same = running.find((other) => other.since === since && other.until >= until);
  if (same) return toRecovery(same);
  if (running.length >= MAX_RUNNING) return 'too many';
  await db
    .insertInto('recoveries')
    .values({ ...recovery, cursor: START })
    .execute();
  const { createdAt: at } = recovery;
  await record(db, by, { at, accountId: userId, action: 'webhook.recovery_started', targetId: webhookId });
  return recovery;
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
  return rows.map(toRecovery);
}

export async function runningBulkResends(db: Kysely<Schema>): Promise<BulkResend[]> {
  const rows = await db.selectFrom('recoveries').selectAll().where(isRunning).orderBy('id').execute();
  return rows.map(toRecovery);
}

export async function advanceBulkResends(
  db: Kysely<Schema>,
  steps: readonly BulkResendStep[],
  now: number,
): Promise<BulkResendProgress[]> {
  const progress: BulkResendProgress[] = [];
  for (const step of steps) progress.push(await advance(db, step, now));
  return progress;
}

async function advance(db: Kysely<Schema>, step: BulkResendStep, now: number): Promise<BulkResendProgress> {
  const recovery = await db
    .selectFrom('recoveries')
    .innerJoin('webhooks', 'webhooks.id', 'recoveries.webhookId')
    .selectAll('recoveries')
    .select(['webhooks.seq as webhookSeq', 'webhooks.pausedAt', 'webhooks.maxInFlight'])
    .where('recoveries.id', '=', step.id)
    .where('recoveries.state', '=', 'running')
    .executeTakeFirst();
  if (!recovery) return { id: step.id, queued: 0, isRunning: false };
  const room = Math.min(step.limit, (recovery.maxInFlight ?? step.maxInFlight) - step.buffered);
  const isHeldUp = room < 1 || recovery.pausedAt !== null || (await anyDue(db, recovery.webhookSeq, now));
  if (isHeldUp) return { id: step.id, queued: 0, isRunning: true };
  const { queued, cursor, isDone } = await queueSome(db, recovery, { room, now });
  await db
    .updateTable('recoveries')
    .set({
      cursor,
      queued: recovery.queued + queued,
      ...(isDone ? { state: 'done', endedAt: now } : {}),
    })
    .where('id', '=', step.id)
    .execute();
  return { id: step.id, queued, isRunning: !isDone };
}

/** Queues what failed between the recovery's times, oldest first, from its cursor on, until `room` is filled. */
async function queueSome(
  db: Kysely<Schema>,
  recovery: Selectable<RecoveriesTable> & { webhookSeq: number },
  { room, now }: { room: number; now: number },
): Promise<{ queued: number; cursor: number; isDone: boolean }> {
  const failed = await db
    .selectFrom('deliveries')
    .select(['seq', 'webhookSeq', 'lane', 'attempts', 'endedAt'])
    .where('webhookSeq', '=', recovery.webhookSeq)
    .where(sql<boolean>`state = 'failed'`)
    .where('seq', '>', recovery.cursor)
    .orderBy('seq')
    .limit(MAX_LOOKED_AT)
    .execute();
  let { cursor } = recovery;
  let queued = 0;
  for (const delivery of failed) {
    if (queued === room) return { queued, cursor, isDone: false };
    cursor = delivery.seq;
    const endedAt = delivery.endedAt ?? 0;
    if (endedAt < recovery.since || endedAt > recovery.until) continue;
    await queueAgain(db, delivery, now);
    queued += 1;
  }
  return { queued, cursor, isDone: failed.length < MAX_LOOKED_AT };
}

/** Whether something of the webhook is due and waits to be claimed. */
async function anyDue(db: Kysely<Schema>, webhookSeq: number, now: number): Promise<boolean> {
  const due = await db
    .selectFrom('deliveries')
    .select('seq')
    .where('webhookSeq', '=', webhookSeq)
    .where(sql<boolean>`state = 'pending' and claimed = 0 and next_attempt_at is not null`)
    .where('nextAttemptAt', '<=', now)
    .limit(1)
    .executeTakeFirst();
  return due !== undefined;
}

function toRecovery(row: Selectable<RecoveriesTable>): BulkResend {
  const { cursor: _, ...recovery } = row;
  return { ...recovery, state: row.state as BulkResendState };
}
