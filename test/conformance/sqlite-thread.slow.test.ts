import { pathToFileURL } from 'node:url';
import { openStorage } from '../../src/storage/open-storage.ts';
import { openRemoteSqliteStorage } from '../../src/storage/sqlite/thread/client.ts';
import { testStorage } from './storage-conformance.ts';
import { CONFINED_PAGES, createSqliteDatabase } from './support/sqlite-database.ts';

testStorage({
  name: 'SQLite on its own thread',
  create: () => createSqliteDatabase((file, keys) => openStorage(pathToFileURL(file), keys)),
  createConfined: () =>
    createSqliteDatabase((file, keys) => openRemoteSqliteStorage({ file, keys, maxPages: CONFINED_PAGES })),
  hasLeases: false,
});
