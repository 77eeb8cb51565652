import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import type { EncryptionKeys } from '../../src/storage/encryption/key-ring.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { Database } from '../../src/storage/sqlite/database.ts';
import { openRemoteSqliteStorage } from '../../src/storage/sqlite/thread/client.ts';
import type { TestDatabase } from './harness.ts';
import { KEYS } from './records.ts';
import { testStorage } from './storage-conformance.ts';

/** Pages of 4 KiB: the empty schema and about a hundred KiB. */
const CONFINED_PAGES = 70;

async function create(open: (file: string, keys: EncryptionKeys) => Promise<Storage>): Promise<TestDatabase> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-sqlite-'));
  return {
    open: (keys = KEYS) => open(join(dir, 'test.db'), keys),
    remove: () => rm(dir, { recursive: true }),
  };
}

testStorage({
  name: 'SQLite on its own thread',
  create: () => create((file, keys) => openStorage(pathToFileURL(file), keys)),
  createConfined: () =>
    create((file, keys) => openRemoteSqliteStorage({ file, keys, maxPages: CONFINED_PAGES })),
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
