import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Makes the table of counters of attempts, by hour and owner: a webhook or an account. Rows of one hour lie together, so that
 * counting writes a few pages, and old hours are removed from the beginning. Changes no row.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table delivery_hours (hour integer not null, owner text not null, attempts integer not null,
    acknowledged integer not null, unanswered integer not null, succeeded integer not null, failed integer not null,
    duration_ms integer not null, primary key (hour, owner)) without rowid`.execute(db);
}

export const deliveryHours: Migration = { up };
