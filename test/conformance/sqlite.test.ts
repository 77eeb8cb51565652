import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Database } from '../../src/storage/sqlite/database.ts';
import { openSqliteStorage } from '../../src/storage/sqlite/sqlite-storage.ts';
import { KEYS } from '../../src/storage/testing/records.ts';
import { testStorage } from './storage-conformance.ts';
import { clonedStorage } from './support/cloned-storage.ts';
import { CONFINED_PAGES, createSqliteDatabase } from './support/sqlite-database.ts';

// On this thread a test begins ten times faster than with a database thread of its own. sqlite-thread.slow.test.ts
// tests what only a thread adds: errors, concurrent calls, and the end of the thread.
testStorage({
  name: 'SQLite, called through clones',
  create: () =>
    createSqliteDatabase(async (file, keys) => clonedStorage(await openSqliteStorage({ file, keys }))),
  createConfined: () =>
    createSqliteDatabase(async (file, keys) =>
      clonedStorage(await openSqliteStorage({ file, keys, maxPages: CONFINED_PAGES })),
    ),
  hasLeases: false,
});

testStorage({
  name: 'SQLite',
  create: () => createSqliteDatabase((file, keys) => openSqliteStorage({ file, keys })),
  createConfined: () =>
    createSqliteDatabase((file, keys) => openSqliteStorage({ file, keys, maxPages: CONFINED_PAGES })),
  hasLeases: false,
});

test('a SQLite commit is synced: what was accepted survives a loss of power', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-sqlite-'));
  const database = await Database.open({ file: join(dir, 'test.db'), keys: KEYS });
  try {
    // 2 is FULL, https://www.sqlite.org/pragma.html#pragma_synchronous; NORMAL would sync checkpoints alone.
    assert.equal(database.prepare('pragma synchronous').get()?.synchronous, 2);
    assert.equal(database.prepare('pragma journal_mode').get()?.journal_mode, 'wal');
  } finally {
    await database.close();
    await rm(dir, { recursive: true });
  }
});
