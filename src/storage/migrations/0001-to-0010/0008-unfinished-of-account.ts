import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Lets the service read the media of one account that wait to be encoded, oldest first. The index contains only
 * these media, which are few beside those that are encoded.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index media_unfinished_of_account on media (user_id, received_at, id)
    where status in ('new', 'transcoding') and received_at is not null`.execute(db);
}

export const unfinishedOfAccount: Migration = { up };
