import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Makes the tables of sessions in the web console, and of links that open one. Both are found by the hash of a secret that is
 * not stored. Changes no row.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('console_sessions')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('api_key_id', 'text')
    .addColumn('means', 'text', (c) => c.notNull())
    .addColumn('generation', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('console_links')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute();
  for (const table of ['console_sessions', 'console_links']) {
    await db.schema.createIndex(`${table}_of_account`).on(table).columns(['user_id', 'created_at']).execute();
    await db.schema.createIndex(`${table}_by_expiry`).on(table).column('expires_at').execute();
  }
}

export const consoleSessions: Migration = { up };
