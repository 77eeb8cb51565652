import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

async function up(db: Kysely<unknown>): Promise<void> {
  // Serves the search for the deliveries of a media. The index begins with the number of a range of 1,024
  // deliveries, so that new deliveries enter only its last pages: an index that began with the lane would
  // change another page for each delivery.
  await sql`create index deliveries_of_media on deliveries ((seq >> 10), lane)`.execute(db);
  // Serves the lists of deliveries of an account. They contain deliveries of deleted webhooks, too.
  await db.schema.createIndex('webhooks_ever').on('webhooks').columns(['user_id']).execute();
}

export const deliveryLists: Migration = { up };
