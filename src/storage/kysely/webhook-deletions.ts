import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Change } from '../../domain/audit.ts';
import { record } from './audit.ts';
import type { Schema } from './tables/schema.ts';

/**
 * Maximum number of deliveries that the deletion of a webhook cancels in its own transaction, which takes some
 * milliseconds. Few webhooks have more pending deliveries.
 */
const CANCELLED_AT_ONCE = 200;

interface DeletedWebhook {
  readonly seq: number;
  /** When the webhook was deleted. */
  readonly deletedAt: number;
}

/** Implements `WebhookStore.delete`. Must be called within a transaction. */
export async function deleteWebhook(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  { at, by }: Change,
): Promise<{ cancelled: number } | null> {
  const row = await db
    .updateTable('webhooks')
    .set({
      deletedAt: at,
      updatedAt: at,
      credentials: '',
      name: '',
      url: '',
      lastError: null,
      retrySchedule: 'default',
      // A deleted webhook is also paused, so that the queue skips its pending deliveries without a condition
      // of its own.
      pausedAt: at,
      pauseReason: null,
      hasDeliveriesToCancel: 1,
    })
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('deletedAt', 'is', null)
    .returning('seq')
    .executeTakeFirst();
  if (!row) return null;
  const cancelled = await cancelSome(db, { seq: row.seq, deletedAt: at }, CANCELLED_AT_ONCE);
  // The checks of a deleted webhook cannot be read any more. Its revisions can, with the attempts of its deliveries.
  await db.deleteFrom('webhookChecks').where('webhookSeq', '=', row.seq).execute();
  await db
    .updateTable('recoveries')
    .set({ state: 'cancelled', endedAt: at })
    .where('webhookId', '=', id)
    .where('state', '=', 'running')
    .execute();
  await record(db, by, { at, accountId: userId, action: 'webhook.deleted', targetId: id });
  return { cancelled };
}

/** Implements `WebhookStore.cancelDeliveries`. Must be called within a transaction. */
export async function cancelDeliveries(
  db: Kysely<Schema>,
  limit: number,
): Promise<{ cancelled: number; isDone: boolean }> {
  let cancelled = 0;
  while (cancelled < limit) {
    const webhook = await db
      .selectFrom('webhooks')
      .select(['seq', 'deletedAt'])
      // The SQL contains the value itself instead of a parameter, because a partial index is not used with a
      // parameter.
      .where(sql<boolean>`has_deliveries_to_cancel = 1`)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst();
    if (!webhook) return { cancelled, isDone: true };
    const { seq, deletedAt } = webhook;
    cancelled += await cancelSome(db, { seq, deletedAt: deletedAt ?? 0 }, limit - cancelled);
  }
  return { cancelled, isDone: false };
}

/**
 * Cancels up to `most` pending deliveries of a deleted webhook, and notes when none is left. Returns the number
 * of cancelled deliveries.
 */
async function cancelSome(
  db: Kysely<Schema>,
  { seq, deletedAt }: DeletedWebhook,
  most: number,
): Promise<number> {
  // Takes the deliveries that are due in the order of their rows first. In the order of their lanes, which is
  // random, a step would change twice as many pages.
  const due = db
    .selectFrom('deliveries')
    .select('seq')
    .where('webhookSeq', '=', seq)
    .where(sql<boolean>`state = 'pending' and claimed = 0 and next_attempt_at is not null`)
    .orderBy('nextAttemptAt')
    .orderBy('seq')
    .limit(most);
  let cancelled = await cancel(db, due, deletedAt);
  if (cancelled < most) {
    const others = db
      .selectFrom('deliveries')
      .select('seq')
      .where('webhookSeq', '=', seq)
      .where(sql<boolean>`state = 'pending'`)
      .limit(most - cancelled);
    cancelled += await cancel(db, others, deletedAt);
  }
  // A delivery that is in flight stays pending until it is cancelled here or ends, and no new delivery is made
  // for a deleted webhook. So nothing becomes pending later.
  if (cancelled < most)
    await db.updateTable('webhooks').set({ hasDeliveriesToCancel: 0 }).where('seq', '=', seq).execute();
  return cancelled;
}

async function cancel(
  db: Kysely<Schema>,
  seqs: SelectQueryBuilder<Schema, 'deliveries', { seq: number }>,
  deletedAt: number,
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ state: 'cancelled', endedAt: deletedAt, nextAttemptAt: null, claimed: 0 })
    .where('seq', 'in', seqs)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
