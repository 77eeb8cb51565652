import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

async function up(db: Kysely<unknown>): Promise<void> {
  await createAccounts(db);
  await createWebhooks(db);
  await createMedia(db);
  await createEvents(db);
  await createDeliveries(db);
  await createRecoveries(db);
  await createEncryptionKeys(db);
  await createAuditRecords(db);
}

async function createEncryptionKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('encryption_keys')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .execute();
}

async function createAuditRecords(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_records')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('user_id', 'text')
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('target_id', 'text', (c) => c.notNull())
    .addColumn('changed', 'text', (c) => c.notNull())
    .addColumn('actor_id', 'text')
    .addColumn('credential', 'text', (c) => c.notNull())
    .addColumn('api_key_id', 'text')
    .addColumn('public_key', 'text')
    .addColumn('address', 'text')
    .addColumn('request_id', 'text')
    .execute();
  await db.schema
    .createIndex('audit_records_of_account')
    .on('audit_records')
    .columns(['user_id', 'created_at', 'id'])
    .execute();
  // Serves the search for the audit records of one target.
  await db.schema
    .createIndex('audit_records_of_target')
    .on('audit_records')
    .columns(['target_id', 'created_at', 'id'])
    .execute();
  // Serves retention, and the list of all audit records, which operators can read.
  await db.schema
    .createIndex('audit_records_by_time')
    .on('audit_records')
    .columns(['created_at', 'id'])
    .execute();
  await sql`create index audit_records_refused on audit_records (user_id, created_at)
    where action = 'account.sign_in_refused'`.execute(db);
}

async function createAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('email', 'text', (c) => c.notNull().unique())
    .addColumn('first_name', 'text', (c) => c.notNull())
    .addColumn('last_name', 'text', (c) => c.notNull())
    .addColumn('is_operator', 'integer', (c) => c.notNull())
    .addColumn('is_disabled', 'integer', (c) => c.notNull())
    .addColumn('password_hash', 'text')
    .addColumn('token_generation', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('api_keys')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull().unique())
    .addColumn('secret_hash', 'text', (c) => c.notNull())
    .addColumn('truncated_secret', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('ttl', 'bigint', (c) => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('last_requested_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('api_keys_of_account')
    .on('api_keys')
    .columns(['user_id', 'created_at'])
    .execute();
}

async function createWebhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhooks')
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('credentials', 'text', (c) => c.notNull())
    .addColumn('file_received', 'integer', (c) => c.notNull())
    .addColumn('encoding_started', 'integer', (c) => c.notNull())
    .addColumn('partial_finished', 'integer', (c) => c.notNull())
    .addColumn('encoding_finished', 'integer', (c) => c.notNull())
    .addColumn('encoding_failed', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('last_triggered_at', 'bigint')
    .addColumn('retry_schedule', 'text', (c) => c.notNull())
    .addColumn('max_in_flight', 'integer')
    .addColumn('paused_at', 'bigint')
    .addColumn('pause_reason', 'text')
    .addColumn('failing_since', 'bigint')
    .addColumn('last_error', 'text')
    .addColumn('deleted_at', 'bigint')
    .execute();
  await sql`create index webhooks_of_account on webhooks (user_id, created_at) where deleted_at is null`.execute(
    db,
  );
}

async function createMedia(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('media')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('is_public', 'integer', (c) => c.notNull())
    .addColumn('is_mp4', 'integer', (c) => c.notNull())
    .addColumn('tags', 'text', (c) => c.notNull())
    .addColumn('metadata', 'text', (c) => c.notNull())
    .addColumn('segment_duration', 'real', (c) => c.notNull())
    .addColumn('duration', 'real', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('kept_bytes', 'bigint', (c) => c.notNull())
    .addColumn('error', 'text')
    .addColumn('has_thumbnail', 'integer', (c) => c.notNull())
    .addColumn('has_taken_thumbnail', 'integer', (c) => c.notNull())
    .addColumn('received_at', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .execute();
  await sql`create index media_of_account on media (user_id, created_at) where status <> 'deleted'`.execute(
    db,
  );
  // The two indexes below serve the checks of an account's limits. The database counts bytes and open uploads
  // in these indexes, without reading the table.
  await sql`create index media_kept on media (user_id, kept_bytes, status) where status <> 'deleted'`.execute(
    db,
  );
  await sql`create index media_open on media (user_id) where status = 'new' and received_at is null`.execute(
    db,
  );
  await sql`create index media_unfinished on media (received_at)
    where status in ('new', 'transcoding') and received_at is not null`.execute(db);
  await db.schema
    .createTable('media_qualities')
    .addColumn('media_id', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('resolution', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('container_type', 'text', (c) => c.notNull())
    .addColumn('video_codec', 'text', (c) => c.notNull())
    .addColumn('video_bitrate', 'bigint')
    .addColumn('audio_codec', 'text', (c) => c.notNull())
    .addColumn('audio_bitrate', 'bigint')
    .addColumn('status', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('media_qualities_key', ['media_id', 'position'])
    .execute();
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('media_id', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('emitted_at', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('idempotency_key', 'text')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await sql`create unique index events_idempotency on events (user_id, idempotency_key)
    where idempotency_key is not null`.execute(db);
}

async function createDeliveries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deliveries')
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('event_seq', 'integer', (c) => c.notNull())
    .addColumn('webhook_seq', 'integer', (c) => c.notNull())
    .addColumn('lane', 'bigint', (c) => c.notNull())
    .addColumn('event_type', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('attempts_before', 'integer', (c) => c.notNull())
    .addColumn('next_attempt_at', 'bigint')
    .addColumn('claimed', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('last_at', 'bigint')
    .addColumn('last_duration_ms', 'integer')
    .addColumn('last_status', 'integer')
    .addColumn('last_response', 'text')
    .addColumn('last_error', 'text')
    .execute();
  await db.schema
    .createIndex('deliveries_of_webhook')
    .on('deliveries')
    .columns(['webhook_seq', 'seq'])
    .execute();
  // At startup, the service searches for claims of processes that have ended. The index contains the column
  // `claimed`, so that this search reads only the index.
  await sql`create index deliveries_lane on deliveries (webhook_seq, lane, seq, claimed)
    where state = 'pending'`.execute(db);
  // The indexes `deliveries_due` and `deliveries_due_first` contain only unclaimed deliveries. A delivery
  // that is sent directly after its commit is already claimed when its row is inserted. Therefore it never
  // enters these indexes.
  await sql`create index deliveries_due on deliveries (webhook_seq, next_attempt_at, seq)
    where state = 'pending' and claimed = 0 and next_attempt_at is not null`.execute(db);
  await sql`create index deliveries_due_first on deliveries (next_attempt_at)
    where state = 'pending' and claimed = 0 and next_attempt_at is not null`.execute(db);
  await db.schema
    .createTable('attempts')
    .addColumn('delivery_seq', 'integer', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('duration_ms', 'integer', (c) => c.notNull())
    .addColumn('status', 'integer')
    .addColumn('response', 'text')
    .addColumn('error', 'text')
    .addPrimaryKeyConstraint('attempts_key', ['delivery_seq', 'number'])
    .execute();
}

async function createRecoveries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('recoveries')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('webhook_id', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('since', 'bigint', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('cursor', 'bigint', (c) => c.notNull())
    .addColumn('queued', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .execute();
  await db.schema
    .createIndex('recoveries_of_webhook')
    .on('recoveries')
    .columns(['webhook_id', 'id'])
    .execute();
  await sql`create index recoveries_running on recoveries (id) where state = 'running'`.execute(db);
  // Contains only failed deliveries. Without this index, a bulk resend would read all deliveries of its
  // webhook.
  await sql`create index deliveries_failed on deliveries (webhook_seq, seq) where state = 'failed'`.execute(
    db,
  );
}

export const initial: Migration = { up };
