import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Makes a commit of events cheaper. Changes no row.
 *
 * Lets an event's row list the deliveries that the event owes, so that a commit writes no row for each of them, and
 * lets changes be durable in a journal before SQLite commits them. The table `recovery_state` has one row:
 * - all deliveries of the events up to `written_up_to` have rows, which is true of all events that existed before;
 * - the database contains the changes of the journal's frames up to `journal_number`;
 * - `journal_key` tells this database's journal from that of another database.
 *
 * The idempotency keys of new events are found by their hashes, in the table `event_keys`. New events have their key in
 * the column `unique_key`, because the index of the column `idempotency_key` costs more than the rest of a commit. The
 * old column keeps the keys of events that existed before.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('events').addColumn('owed', 'text').execute();
  await db.schema.alterTable('events').addColumn('unique_key', 'text').execute();
  await sql`create table event_keys (hash integer not null, event_seq integer not null, primary key (hash, event_seq))
    without rowid`.execute(db);
  await db.schema
    .createTable('recovery_state')
    .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
    .addColumn('written_up_to', 'bigint', (c) => c.notNull())
    .addColumn('journal_number', 'bigint', (c) => c.notNull())
    .addColumn('journal_key', 'bigint', (c) => c.notNull())
    .execute();
  await sql`insert into recovery_state (id, written_up_to, journal_number, journal_key)
    select 1, coalesce(max(seq), 0), 0, abs(random() % 4294967296) from events`.execute(db);
}

export const owedDeliveries: Migration = { up };
