import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Counts the bytes of the files that encoding makes and of custom thumbnails, in each media and for each account. Media
 * that exist are marked as unmeasured, because only their folders say how large their files are. Remembers which rows
 * might have existed before the migrations 0009 and 0012, so that they are counted, too. The service measures and counts
 * all of this in the background.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['encoded_bytes', 'thumbnail_bytes']) {
    await db.schema
      .alterTable('media')
      .addColumn(column, 'bigint', (c) => c.notNull().defaultTo(0))
      .execute();
  }
  // 3: neither the encoded files nor the custom thumbnail were measured.
  await db.schema
    .alterTable('media')
    .addColumn('unmeasured', 'integer', (c) => c.notNull().defaultTo(3))
    .execute();
  await sql`create index media_unmeasured on media (id) where unmeasured <> 0`.execute(db);
  await db.schema
    .alterTable('account_usage')
    .addColumn('encoded_bytes', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute();
  await createTriggers(db);
  await db.schema
    .createTable('uncounted_rows')
    .addColumn('kind', 'text', (c) => c.primaryKey().notNull())
    .addColumn('place', 'text')
    .addColumn('until', 'text', (c) => c.notNull())
    .execute();
  for (const [kind, last] of LAST_ROWS)
    await sql`insert into uncounted_rows (kind, until)
      select ${kind}, last from (select ${sql.raw(last)} as last) where last is not null`.execute(db);
}

/** For each kind of row, the SQL expression for the key of the last one. */
const LAST_ROWS = [
  ['media', '(select max(id) from media)'],
  ['events', '(select max(seq) from events)'],
  ['attempts', '(select max(delivery_seq) from attempts)'],
  ['audit_records', '(select max(id) from audit_records)'],
  ['webhook_revisions', '(select max(seq) from webhook_revisions)'],
] as const;

/** Like those of the migration 0007, triggers update the count of an account with every change of a media. */
async function createTriggers(db: Kysely<unknown>): Promise<void> {
  const [before, after] = ['old', 'new'].map(takenBy);
  const triggers = [
    { name: 'inserted', event: 'insert', change: `${after}`, row: 'new' },
    {
      name: 'updated',
      event: 'update of encoded_bytes, thumbnail_bytes, status',
      change: `${after} - ${before}`,
      row: 'new',
    },
    { name: 'deleted', event: 'delete', change: `- ${before}`, row: 'old' },
  ];
  for (const { name, event, change, row } of triggers) {
    await sql
      .raw(
        `create trigger encoded_usage_${name} after ${event} on media when (${change}) <> 0 begin
          insert into account_usage (user_id, kept_bytes, encoded_bytes) values (${row}.user_id, 0, ${change})
          on conflict (user_id) do update set encoded_bytes = encoded_bytes + excluded.encoded_bytes;
        end`,
      )
      .execute(db);
  }
}

/** Returns the SQL expression for the number of bytes that a row counts. A deleted media counts nothing. */
function takenBy(row: string): string {
  return `iif(${row}.status = 'deleted', 0, ${row}.encoded_bytes + ${row}.thumbnail_bytes)`;
}

export const encodedUsage: Migration = { up };
