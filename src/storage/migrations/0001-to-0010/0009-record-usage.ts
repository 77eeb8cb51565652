import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Counts the bytes that the rows of each account take. Each counted row states the bytes that are subtracted when
 * it is removed. Rows that existed before state 0, so that the migration is fast however many there are.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('record_usage')
    .addColumn('user_id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .execute();
  for (const table of ['media', 'events', 'attempts', 'audit_records']) {
    await db.schema
      .alterTable(table)
      .addColumn('charged_bytes', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  }
}

export const recordUsage: Migration = { up };
