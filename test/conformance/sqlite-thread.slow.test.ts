import { pathToFileURL } from 'node:url';
import { openStorage } from '../../src/storage/open-storage.ts';
import { openRemoteSqliteStorage } from '../../src/storage/sqlite/thread/client.ts';
import { testAcrossStores } from './storage-conformance.ts';
import { CONFINED_PAGES, createSqliteDatabase } from './support/sqlite-database.ts';

// A database thread for each test takes 0.2 s of CPU, so that only the tests across stores have one. The tests of the
// single stores run on the test's thread, with arguments and results cloned like messages: sqlite.test.ts.
testAcrossStores({
  name: 'SQLite on its own thread',
  create: () => createSqliteDatabase((file, keys) => openStorage(pathToFileURL(file), { keys })),
  createConfined: () =>
    createSqliteDatabase((file, keys) => openRemoteSqliteStorage({ file, keys, maxPages: CONFINED_PAGES })),
  hasLeases: false,
});
