import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { KEYS } from '../testing/records.ts';
import { Database } from './database.ts';

const PAGE_BYTES = 4_096;

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-database-'));
  const file = join(dir, 'test.sqlite');
  const database = await Database.open({ file, keys: KEYS });
  const other = new DatabaseSync(file);
  t.after(async () => {
    await database.close();
    other.close();
    await rm(dir, { recursive: true });
  });
  await database.transaction(() => void database.prepare('create table blobs (bytes blob)').run());
  const insert = database.prepare('insert into blobs values (zeroblob(?))');
  /** Returns the number of pages in the log, and how many of them are copied into the database. */
  const log = () =>
    other.prepare('pragma wal_checkpoint(noop)').get() as { log: number; checkpointed: number };
  return {
    database,
    log,
    write: (pages: number) => database.transaction(() => void insert.run(pages * PAGE_BYTES)),
  };
}

test('a log of 4 MiB is copied into the database once no call waits', async (t) => {
  const { log, write } = await setUp(t);
  await write(500);
  await write(1_100);
  for (let looks = 0; looks < 100 && log().checkpointed < log().log; looks += 1) await delay(20);
  assert.equal(log().checkpointed, log().log);
  await write(1);
  assert.ok(log().log < 100, 'the log begins again');
});

test('the log grows while calls wait', async (t) => {
  const { log, write } = await setUp(t);
  let longest = 0;
  await Promise.all(
    Array.from({ length: 300 }, async () => {
      await write(10);
      longest = Math.max(longest, log().log - log().checkpointed);
    }),
  );
  assert.ok(longest > 2_000, `${longest} pages`);
});
