import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Whether the qualities of a media are the default ones. Adding a column with a constant default changes no
 * row, so that the time does not depend on the number of media. Of older media it is not known any more.
 */
async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('media')
    .addColumn('has_default_qualities', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
}

export const defaultQualities: Migration = { up };
