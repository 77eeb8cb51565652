import { type Kysely, sql } from 'kysely';
import type { Cursor } from '../contracts/page.ts';
import { discharge } from './limits/account-limits.ts';
import { chunksOf } from './list-query.ts';
import { removeRevisions } from './requests/webhook-revisions.ts';
import type { Schema } from './tables/schema.ts';

/** Implements `RetentionStore.removeWebhooks`. Must be called within a transaction. */
export async function removeWebhooks(
  db: Kysely<Schema>,
  { after, limit }: { readonly after: Cursor | null; readonly limit: number },
): Promise<{ webhooks: number; after: Cursor | null }> {
  const visited = await db
    .selectFrom('webhooks')
    .select(['id', 'seq', 'userId'])
    .where('deletedAt', 'is not', null)
    .where('id', '>', after ?? '')
    .orderBy('id')
    .limit(limit)
    .execute();
  let webhooks = 0;
  let rows = 0;
  let last = after;
  for (const webhook of visited) {
    const { removed, isComplete } = await removeWithoutDeliveries(db, webhook, limit - rows);
    rows += removed;
    if (!isComplete) return { webhooks, after: last ?? '' };
    if (removed > 0) webhooks += 1;
    last = webhook.id;
  }
  return { webhooks, after: visited.length < limit ? null : last };
}

/**
 * Removes a webhook and its bulk resends if it has no deliveries left. Returns the number of removed rows.
 * `isComplete` is false if more than `most` rows are to be removed, so that the next step must continue with
 * this webhook.
 */
async function removeWithoutDeliveries(
  db: Kysely<Schema>,
  { id, seq, userId }: { readonly id: string; readonly seq: number; readonly userId: string },
  most: number,
): Promise<{ removed: number; isComplete: boolean }> {
  const delivery = await db
    .selectFrom('deliveries')
    .select('seq')
    .where('webhookSeq', '=', seq)
    .limit(1)
    .executeTakeFirst();
  if (delivery) return { removed: 0, isComplete: true };
  const some = db.selectFrom('recoveries').select('id').where('webhookId', '=', id).limit(most);
  const { numDeletedRows } = await db
    .deleteFrom('recoveries')
    .where('id', 'in', some)
    .executeTakeFirstOrThrow();
  const removed = Number(numDeletedRows);
  if (removed >= most) return { removed, isComplete: false };
  // Removes few rows, because only twenty of both are kept for each webhook. A version that kept the checks of
  // deleted webhooks might have left some.
  await db.deleteFrom('webhookChecks').where('webhookSeq', '=', seq).execute();
  await discharge(db, [{ userId, chargedBytes: await removeRevisions(db, seq) }]);
  await db.deleteFrom('webhooks').where('seq', '=', seq).execute();
  return { removed: removed + 1, isComplete: true };
}

/** Implements `RetentionStore.deletedMedia`. */
export async function deletedMedia(
  db: Kysely<Schema>,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('media')
    .select('id')
    // The SQL contains the value itself instead of a parameter, because a partial index is not used with a
    // parameter.
    .where(sql<boolean>`status = 'deleted'`)
    .where('updatedAt', '<', before)
    .orderBy('updatedAt')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Implements `RetentionStore.removeMedia`. Must be called within a transaction. */
export async function removeMedia(db: Kysely<Schema>, ids: readonly string[]): Promise<void> {
  for (const some of chunksOf(ids)) {
    const deleted = db
      .selectFrom('media')
      .select('id')
      .where('id', 'in', some)
      .where('status', '=', 'deleted');
    await db.deleteFrom('mediaQualities').where('mediaId', 'in', deleted).execute();
    const removed = await db
      .deleteFrom('media')
      .where('id', 'in', some)
      .where('status', '=', 'deleted')
      .returning(['userId', 'chargedBytes'])
      .execute();
    await discharge(db, removed);
  }
}

/** Implements `RetentionStore.removeAuditRecords`. */
export async function removeAuditRecords(
  db: Kysely<Schema>,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<number> {
  const oldest = db
    .selectFrom('auditRecords')
    .select('id')
    .where('createdAt', '<', before)
    .orderBy('createdAt')
    .limit(limit);
  const removed = await db
    .deleteFrom('auditRecords')
    .where('id', 'in', oldest)
    .returning(['userId', 'chargedBytes'])
    .execute();
  await discharge(db, removed);
  return removed.length;
}
