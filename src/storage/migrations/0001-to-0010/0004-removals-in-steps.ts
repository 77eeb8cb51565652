import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Lets webhooks and media be removed in small steps: the indexes find what is left of those that were deleted.
 * Each index is partial, and contains only deleted rows.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('webhooks')
    .addColumn('has_deliveries_to_cancel', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await sql`create index webhooks_to_cancel on webhooks (seq) where has_deliveries_to_cancel = 1`.execute(db);
  await sql`create index webhooks_deleted on webhooks (id, seq) where deleted_at is not null`.execute(db);
  // Replaces an index on the time alone: a start reads these media page by page, and several can be received in
  // one millisecond.
  await sql`drop index media_unfinished`.execute(db);
  await sql`create index media_unfinished on media (received_at, id, user_id)
    where status in ('new', 'transcoding') and received_at is not null`.execute(db);
  await sql`create index media_deleted on media (updated_at, id) where status = 'deleted'`.execute(db);
}

export const removalsInSteps: Migration = { up };
