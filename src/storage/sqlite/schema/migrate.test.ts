import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { type Kysely, sql } from 'kysely';
import type { Migration, MigrationProvider } from 'kysely/migration';
import { migrations } from '../../migrations/migrations.ts';
import { KEYS } from '../../testing/records.ts';
import { Database } from '../database.ts';
import { checksumOf, schemaOf } from './compare-schemas.ts';
import { NEWEST_SCHEMA } from './newest-schema.ts';

/** Returns the real migrations and further ones, which are named so that they run last. */
async function withFurther(further: Record<string, (db: Kysely<unknown>) => Promise<void>>) {
  const all: Record<string, Migration> = { ...(await migrations.getMigrations()) };
  for (const [name, up] of Object.entries(further)) all[name] = { up };
  return { getMigrations: async () => all } satisfies MigrationProvider;
}

const addRegion = async (db: Kysely<unknown>) => {
  await db.schema.alterTable('media').addColumn('region', 'text').execute();
  await sql`create index media_of_region on media (region)`.execute(db);
};

/** Makes a database with the present schema, and changes it by `change` as another program could. */
async function databaseFile(t: TestContext, change = ''): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-schema-'));
  t.after(() => rm(dir, { recursive: true }));
  const file = join(dir, 'test.sqlite');
  await open(file);
  alter(file, change);
  return file;
}

async function open(file: string, provider = migrations, mayMigrate = true): Promise<void> {
  await (await Database.open({ file, keys: KEYS, mayMigrate }, provider)).close();
}

function alter(file: string, change: string): void {
  const connection = new DatabaseSync(file);
  connection.exec(change);
  connection.close();
}

function read<T>(file: string, look: (connection: DatabaseSync) => T): T {
  const connection = new DatabaseSync(file, { readOnly: true });
  try {
    return look(connection);
  } finally {
    connection.close();
  }
}

const ran = (file: string) =>
  read(file, (connection) =>
    connection
      .prepare('select name from kysely_migration order by name')
      .all()
      .map(({ name }) => name),
  );

async function assertRefused(file: string, says: RegExp, provider?: MigrationProvider): Promise<void> {
  const before = await readFile(file);
  await assert.rejects(open(file, provider), { code: 'ERR_SCHEMA', message: says });
  assert.ok(before.equals(await readFile(file)), 'the file is unchanged');
  assert.equal((await readdir(join(file, '..'))).length, 1, 'no file was made beside it');
}

test('a database that a newer version has migrated is refused', async (t) => {
  const file = await databaseFile(t);
  await open(file, await withFurther({ '9999-region': addRegion }));
  await assertRefused(file, /^was used by a newer version, which ran the migration 9999-region: start that/);
});

test('a database whose schema differs from what its migrations make is refused, whatever differs', async (t) => {
  const changes: [change: string, says: RegExp][] = [
    ['alter table webhooks drop column last_error', /\(the table webhooks differs\)/],
    ['alter table webhooks add column region text', /\(the table webhooks differs\)/],
    [
      'drop table recoveries',
      /\(the table recoveries is missing, the index recoveries_of_webhook is missing, /,
    ],
    ['drop index deliveries_due', /\(the index deliveries_due is missing\)/],
    [
      'drop index deliveries_due; create index deliveries_due on deliveries (next_attempt_at)',
      /\(the index deliveries_due differs\)/,
    ],
    ['create unique index one_title on media (title)', /\(the index one_title is unknown\)/],
    ['create table regions (id text)', /\(the table regions is unknown\)/],
    [
      'create trigger stop before insert on events begin select raise(abort, 1); end',
      /\(the trigger stop is unknown\)/,
    ],
    [
      'create table a (b); create table c (d); create table e (f); create table g (h); create table i (j)',
      /\(the table a is unknown, the table c is unknown, the table e is unknown, 2 more\)/,
    ],
  ];
  for (const [change, says] of changes) await assertRefused(await databaseFile(t, change), says);
});

test('an old database is compared with the schema of its own version, before it is migrated', async (t) => {
  const file = await databaseFile(t, 'drop index deliveries_due');
  const newer = await withFurther({ '9999-region': addRegion });
  await assertRefused(file, /\(the index deliveries_due is missing\)/, newer);
});

test('a database that lacks a migration between others is refused', async (t) => {
  const file = await databaseFile(t);
  await open(file, await withFurther({ '9999-region': addRegion }));
  const both = await withFurther({ '9998-late': async () => undefined, '9999-region': addRegion });
  await assertRefused(file, /\(the migration 9998-late was skipped\)/, both);
});

test('the database of another program is refused', async (t) => {
  const file = await databaseFile(t);
  await rm(file);
  alter(file, 'create table recipes (id text); pragma user_version = 7');
  await assertRefused(file, /^is a database of another program: name another file$/);
});

test('objects of replication tools, whose names begin with _, do not matter', async (t) => {
  const file = await databaseFile(t, 'create table _litestream_seq (id integer primary key, seq integer)');
  alter(file, 'create index by_seq on _litestream_seq (seq)');
  alter(file, 'create trigger _changed after update on media begin select 1; end');
  await open(file);
});

test('statistics that ANALYZE has stored do not matter', async (t) => {
  await open(await databaseFile(t, 'analyze'));
});

test('an old database is migrated if that is allowed, and is otherwise unchanged', async (t) => {
  const file = await databaseFile(t);
  const before = ran(file);
  const newer = await withFurther({ '9999-region': addRegion });
  await assert.rejects(open(file, newer, false), { code: 'ERR_MIGRATION_NEEDED' });
  assert.deepEqual(ran(file), before);
  await open(file, newer);
  assert.deepEqual(ran(file), [...before, '9999-region']);
  assert.ok(read(file, schemaOf).has('media_of_region'));
  await open(file, newer, false);
});

test('a migration that fails leaves the database as it was, the migrations before it included', async (t) => {
  const file = await databaseFile(t);
  const [schema, names] = [read(file, schemaOf), ran(file)];
  const fails = async () => {
    throw new Error('no such luck');
  };
  const provider = await withFurther({ '9998-region': addRegion, '9999-fails': fails });
  await assert.rejects(open(file, provider), /no such luck/);
  assert.deepEqual([read(file, schemaOf), ran(file)], [schema, names]);
});

test('the stored checksum is that of the schema which all migrations make', async (t) => {
  const file = await databaseFile(t);
  assert.equal(
    read(file, (connection) => checksumOf(schemaOf(connection))),
    NEWEST_SCHEMA,
  );
  alter(file, 'create index other on media (title)');
  assert.notEqual(
    read(file, (connection) => checksumOf(schemaOf(connection))),
    NEWEST_SCHEMA,
  );
});
