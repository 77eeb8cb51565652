import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Lets attempts show the URL and the headers of their requests: each attempt gets the number of a revision of its
 * webhook. Adding the columns writes no row of the deliveries and attempts.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhook_revisions')
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('webhook_seq', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('sent', 'text')
    .execute();
  await db.schema
    .createIndex('webhook_revisions_of_webhook')
    .on('webhook_revisions')
    .columns(['webhook_seq', 'seq'])
    .execute();
  // Contains the revisions that the start after this migration completes.
  await sql`create index webhook_revisions_incomplete on webhook_revisions (seq) where sent is null`.execute(
    db,
  );
  await db.schema.alterTable('webhooks').addColumn('revision', 'integer').execute();
  await db.schema.alterTable('deliveries').addColumn('last_revision', 'integer').execute();
  await db.schema.alterTable('attempts').addColumn('revision', 'integer').execute();
  await sql`insert into webhook_revisions (webhook_seq, created_at, url)
    select seq, updated_at, url from webhooks where deleted_at is null`.execute(db);
  await sql`update webhooks
    set revision = (select seq from webhook_revisions where webhook_seq = webhooks.seq)
    where deleted_at is null`.execute(db);
  await createChecks(db);
}

async function createChecks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhook_checks')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('webhook_seq', 'integer', (c) => c.notNull())
    .addColumn('event_type', 'text', (c) => c.notNull())
    .addColumn('event_id', 'text', (c) => c.notNull())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('headers', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('duration_ms', 'integer', (c) => c.notNull())
    .addColumn('status', 'integer')
    .addColumn('response', 'text')
    .addColumn('error', 'text')
    .execute();
  await db.schema
    .createIndex('webhook_checks_of_webhook')
    .on('webhook_checks')
    .columns(['webhook_seq', 'id'])
    .execute();
}

export const webhookRevisions: Migration = { up };
