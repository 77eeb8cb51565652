import type { Kysely } from 'kysely';
import type { Cursor } from '../contracts/page.ts';
import type { Schema } from './tables/schema.ts';

/** Implements `RetentionStore.removeWebhooks`. Must be called within a transaction. */
export async function removeWebhooks(
  db: Kysely<Schema>,
  { after, limit }: { readonly after: Cursor | null; readonly limit: number },
): Promise<{ webhooks: number; after: Cursor | null }> {
  const visited = await db
    .selectFrom('webhooks')
    .select(['id', 'deletedAt'])
    .where('id', '>', after ?? '')
    .orderBy('id')
    .limit(limit)
    .execute();
  let webhooks = 0;
  for (const { id, deletedAt } of visited) {
    if (deletedAt !== null) webhooks += await removeWithoutDeliveries(db, id);
  }
  return { webhooks, after: visited.length < limit ? null : (visited.at(-1)?.id ?? null) };
}

/** Removes a webhook if it has no deliveries left. Returns the number of removed webhooks (0 or 1). */
async function removeWithoutDeliveries(db: Kysely<Schema>, id: string): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('webhooks')
    .where('id', '=', id)
    .where((e) =>
      e.not(
        e.exists(
          e.selectFrom('deliveries').select('seq').whereRef('deliveries.webhookSeq', '=', 'webhooks.seq'),
        ),
      ),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
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
  const { numDeletedRows } = await db
    .deleteFrom('auditRecords')
    .where('id', 'in', oldest)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}
