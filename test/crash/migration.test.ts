import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { lockData } from '../../src/data-folder/lock.ts';
import { schemaOf } from '../../src/storage/sqlite/schema/compare-schemas.ts';
import { KEYS } from '../../src/storage/testing/records.ts';
import { runCommand } from '../support/service/command.ts';
import { testEnvironment } from '../support/service/service.ts';
import { RELEASED, unpack } from '../support/upgrade/unpack.ts';

const PROGRAM = new URL('../support/upgrade/unfinished-migration.ts', import.meta.url).pathname;

function look(file: string) {
  const database = new DatabaseSync(file);
  try {
    const names = database.prepare('select name from kysely_migration order by name').all();
    const rows = database
      .prepare('select (select count(*) from media) + (select count(*) from attempts)')
      .get();
    return { schema: schemaOf(database), names, rows };
  } finally {
    database.close();
  }
}

/** Begins to migrate a database, and kills the process in the middle of the transaction. */
async function killInTheMiddle(t: TestContext, file: string): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  assert.ok(statSync(`${file}-wal`).size > 8 * 1024 * 1024, 'changes are in the log already');
  child.kill('SIGKILL');
  await once(child, 'close');
}

test('a migration that is killed in its middle leaves no trace, and the next start migrates', async (t) => {
  const [version = ''] = RELEASED.keys();
  const { dataDir } = await unpack(t, version);
  const file = join(dataDir, 'mediahooks.sqlite');
  // The program has a key of its own. The database must not need the key of the data folder meanwhile.
  const database = new DatabaseSync(file);
  database.exec('delete from encryption_keys');
  database.close();
  const before = look(file);
  await killInTheMiddle(t, file);
  assert.deepEqual(look(file), before);
  const settings = {
    ...testEnvironment(dataDir),
    MEDIAHOOKS_ENCRYPTION_KEY: Buffer.from(KEYS[0] ?? '').toString('base64'),
  };
  const { exitCode, stdout, stderr } = await runCommand(['account', 'list'], settings);
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(stdout, /owner@example\.com/);
  assert.ok(look(file).names.length > before.names.length);
});

test('a command does not migrate a database on which a server of an older version may be running', async (t) => {
  const [version = ''] = RELEASED.keys();
  const { dataDir } = await unpack(t, version);
  const file = join(dataDir, 'mediahooks.sqlite');
  const before = look(file);
  const unlock = lockData({ dataDir, databaseUrl: pathToFileURL(file) });
  t.after(unlock);
  const commands: [args: string[], says: RegExp][] = [
    [
      ['account', 'list'],
      /has the schema of an older version, and a server is running on it: use the command /,
    ],
    [
      ['backup', join(dataDir, '..', 'backup')],
      /has the schema of an older version: use the command of that /,
    ],
  ];
  for (const [args, says] of commands) {
    const { exitCode, stdout, stderr } = await runCommand(args, testEnvironment(dataDir));
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /^mediahooks: [^\n]+\n$/);
    assert.match(stderr, says);
  }
  assert.deepEqual(look(file), before);
});
