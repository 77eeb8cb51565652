import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Adds the notes of a media, which are a JSON array of sentences. Adding a column with a
 * constant default changes no row, so that the time does not depend on the number of media.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('media')
    .addColumn('notes', 'text', (c) => c.notNull().defaultTo('[]'))
    .execute();
}

export const mediaNotes: Migration = { up };
