import { type Kysely, sql } from 'kysely';
import { migrations } from '../../../src/storage/migrations/migrations.ts';
import { Database } from '../../../src/storage/sqlite/database.ts';
import { KEYS } from '../../../src/storage/testing/records.ts';

/*
 * Program that migrates the database of its first argument by all migrations and a further one, which never ends. It
 * prints a line when that migration has changed more pages than fit into memory, so that some are in SQLite's log.
 */

const MIB = 32;

async function endless(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('media').addColumn('region', 'text').execute();
  await db.schema.createTable('filler').addColumn('bytes', 'blob').execute();
  for (let count = 0; count < MIB; count += 1)
    await sql`insert into filler values (randomblob(1048576))`.execute(db);
  process.stdout.write('in the middle\n');
  await new Promise(() => setInterval(() => undefined, 1_000));
}

const all = { ...(await migrations.getMigrations()), '9999-endless': { up: endless } };
await Database.open({ file: process.argv[2] ?? '', keys: KEYS }, { getMigrations: async () => all });
