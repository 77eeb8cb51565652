import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Indexes for the lists of an account. The rows of an index have the order of a list, with the id as the last
 * column, so that each step of a list continues where the previous one ended and reads only the index.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  for (const index of ['media_of_account', 'webhooks_of_account', 'api_keys_of_account'])
    await db.schema.dropIndex(index).execute();
  const present = sql`where status <> 'deleted'`;
  await sql`create index media_by_time on media (user_id, created_at, id) ${present}`.execute(db);
  await sql`create index media_by_title on media (user_id, title, id) ${present}`.execute(db);
  for (const [name, column] of [
    ['webhooks_by_time', 'created_at'],
    ['webhooks_by_name', 'name'],
    ['webhooks_by_url', 'url'],
  ] as const) {
    await sql`create index ${sql.ref(name)} on webhooks (user_id, ${sql.ref(column)}, id)
      where deleted_at is null`.execute(db);
  }
  await db.schema
    .createIndex('api_keys_by_time')
    .on('api_keys')
    .columns(['user_id', 'created_at', 'id'])
    .execute();
  await db.schema.createIndex('api_keys_by_name').on('api_keys').columns(['user_id', 'name', 'id']).execute();
  await db.schema.createIndex('accounts_by_time').on('accounts').columns(['created_at', 'id']).execute();
}

export const listIndexes: Migration = { up };
