import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Counts the revisions of webhooks in the bytes that the rows of each account take. Revisions that existed before
 * state 0.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('webhook_revisions')
    .addColumn('charged_bytes', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
}

export const revisionUsage: Migration = { up };
