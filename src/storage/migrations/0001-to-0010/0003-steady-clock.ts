import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Creates the table for the state of the steady clock. It has at most one row. */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('steady_clock')
    .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('ahead_ms', 'bigint', (c) => c.notNull())
    .execute();
}

export const steadyClock: Migration = { up };
