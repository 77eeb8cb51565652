import { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { type MigrationProvider, Migrator } from 'kysely/migration';
import { checksumOf, differencesOf, schemaOf } from './compare-schemas.ts';
import { kyselyOn } from './kysely-connection.ts';
import { NEWEST_SCHEMA } from './newest-schema.ts';
import { SchemaError } from './schema-error.ts';

/** Maximum number of differences that an error names. */
const SHOWN_DIFFERENCES = 3;

/**
 * State of a database that this program can use. `new`: it is empty. `old`: migrations are to be run.
 * `current`: it has the schema of this version.
 */
export type SchemaState = 'new' | 'old' | 'current';

/**
 * Compares the whole schema of a database with the schema that the migrations make. Changes nothing.
 *
 * The names of the migrations that have run are not enough: a database whose table lacks a column would be
 * opened, and then every write would fail.
 * @throws SchemaError if the schema is no version of the schema that this program knows
 */
export async function inspectSchema(
  connection: DatabaseSync,
  migrations: MigrationProvider,
): Promise<SchemaState> {
  const known = Object.keys(await migrations.getMigrations()).sort();
  const actual = schemaOf(connection);
  const ran = migrationsIn(connection);
  if (ran.length === 0 && actual.size === 0) return 'new';
  if (ran.length === 0) throw new SchemaError('is a database of another program: name another file');
  const unknown = ran.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new SchemaError(
      `was used by a newer version, which ran the migration ${unknown}: start that version or a later one, or restore a backup from before the upgrade`,
    );
  const last = known[ran.length - 1];
  if (ran.join() === known.join() && checksumOf(actual) === NEWEST_SCHEMA) return 'current';
  const skipped = known.slice(0, ran.length).find((name) => !ran.includes(name));
  const differences =
    skipped === undefined
      ? differencesOf(await schemaAfter(migrations, last), actual)
      : [`the migration ${skipped} was skipped`];
  if (differences.length > 0) throw new SchemaError(unexpected(differences));
  return ran.length === known.length ? 'current' : 'old';
}

/**
 * Runs the migrations that have not run, and checks the schema that results. The caller has begun a
 * transaction, so that the database is unchanged if this function throws or the process ends. If two processes
 * start at the same time, they migrate one after the other.
 */
export async function migrate<Tables>(
  connection: DatabaseSync,
  kysely: Kysely<Tables>,
  migrations: MigrationProvider,
): Promise<void> {
  const before = await inspectSchema(connection, migrations);
  if (before === 'current') return;
  await runMigrations(kysely, migrations);
  // The schema of a new database needs no check: it was made by the same migrations as the expected one.
  if (before === 'old') await inspectSchema(connection, migrations);
}

function migrationsIn(connection: DatabaseSync): string[] {
  const table = connection.prepare(`select 1 from sqlite_master where name = 'kysely_migration'`).get();
  if (!table) return [];
  const rows = connection.prepare('select name from kysely_migration order by name').all();
  return rows.map(({ name }) => String(name));
}

type Schema = ReturnType<typeof schemaOf>;

/** Schemas that were made already. Making one takes 25 ms, and it is the same for every database. */
const madeSchemas = new WeakMap<MigrationProvider, Map<string | undefined, Promise<Schema>>>();

/** Returns the schema that the migrations make, up to the one that is named `last`. */
function schemaAfter(migrations: MigrationProvider, last: string | undefined): Promise<Schema> {
  const made = madeSchemas.getOrInsertComputed(migrations, () => new Map());
  return made.getOrInsertComputed(last, () => makeSchema(migrations, last));
}

async function makeSchema(migrations: MigrationProvider, last: string | undefined): Promise<Schema> {
  const connection = new DatabaseSync(':memory:');
  try {
    await runMigrations(kyselyOn<unknown>(connection), migrations, last);
    return schemaOf(connection);
  } finally {
    connection.close();
  }
}

async function runMigrations<Tables>(kysely: Kysely<Tables>, provider: MigrationProvider, last?: string) {
  const migrator = new Migrator({ db: kysely, provider, disableTransactions: true });
  const { error } = await (last === undefined ? migrator.migrateToLatest() : migrator.migrateTo(last));
  if (error) throw error;
}

function unexpected(differences: readonly string[]): string {
  const more = differences.length - SHOWN_DIFFERENCES;
  const shown = [...differences.slice(0, SHOWN_DIFFERENCES), ...(more > 0 ? [`${more} more`] : [])];
  return `does not have the schema of this version (${shown.join(', ')}): it was made by an unreleased version or changed by another program, so start the version that made it, or restore a backup`;
}
