import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Counts the bytes that the media of each account keep. Triggers update the count with every change of a
 * media, whatever makes the change. So the check of an account's limit reads one row, and not all media of the
 * account. The count replaces the index `media_kept`, from which the bytes were added up before.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('account_usage')
    .addColumn('user_id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('kept_bytes', 'bigint', (c) => c.notNull())
    .execute();
  await sql`insert into account_usage (user_id, kept_bytes)
    select user_id, sum(kept_bytes) from media where status <> 'deleted' group by user_id`.execute(db);
  const [before, after] = ['old', 'new'].map(keptBy);
  await createTrigger(db, { name: 'inserted', event: 'insert', change: `${after}` });
  await createTrigger(db, {
    name: 'updated',
    event: 'update of kept_bytes, status',
    change: `${after} - ${before}`,
  });
  await createTrigger(db, { name: 'deleted', event: 'delete', change: `- ${before}`, row: 'old' });
  await db.schema.dropIndex('media_kept').execute();
}

/** Returns the SQL expression for the number of bytes that a row counts. A deleted media counts nothing. */
function keptBy(row: string): string {
  return `iif(${row}.status = 'deleted', 0, ${row}.kept_bytes)`;
}

interface Trigger {
  readonly name: string;
  readonly event: string;
  /** SQL expression for the number of bytes to add. */
  readonly change: string;
  /** Row that has the id of the account. */
  readonly row?: 'old' | 'new';
}

async function createTrigger(db: Kysely<unknown>, trigger: Trigger): Promise<void> {
  const { name, event, change, row = 'new' } = trigger;
  await sql
    .raw(
      `create trigger account_usage_${name} after ${event} on media when (${change}) <> 0 begin
        insert into account_usage (user_id, kept_bytes) values (${row}.user_id, ${change})
        on conflict (user_id) do update set kept_bytes = kept_bytes + excluded.kept_bytes;
      end`,
    )
    .execute(db);
}

export const accountUsage: Migration = { up };
