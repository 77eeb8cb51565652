import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import type { EncryptionKeys } from '../../../src/storage/encryption/key-ring.ts';
import { migrations } from '../../../src/storage/migrations/migrations.ts';
import { kyselyOn } from '../../../src/storage/sqlite/schema/kysely-connection.ts';
import { migrate } from '../../../src/storage/sqlite/schema/migrate.ts';
import { KEYS } from '../../../src/storage/testing/records.ts';
import type { TestDatabase } from './harness.ts';

/** Maximum pages of a confined database, of 4 KiB each: the empty schema and about two hundred KiB. */
export const CONFINED_PAGES = 130;

/** Bytes of an empty database with the schema of this version. Nobody has opened it, so that it knows no keys. */
let emptyDatabase: Promise<Buffer> | null = null;

/**
 * Creates a folder with an empty database that `open` opens. The database is a copy of one that was migrated,
 * because the migrations take more time than most tests. The tests of src/storage/sqlite/schema run them.
 */
export async function createSqliteDatabase(
  open: (file: string, keys: EncryptionKeys) => Promise<Storage>,
): Promise<TestDatabase> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-sqlite-'));
  const file = join(dir, 'test.db');
  emptyDatabase ??= migrated(join(dir, 'migrated.db'));
  await writeFile(file, await emptyDatabase);
  return {
    open: (keys = KEYS) => open(file, keys),
    remove: () => rm(dir, { recursive: true }),
  };
}

/** Creates a database with the schema of this version. @returns its bytes */
async function migrated(file: string): Promise<Buffer> {
  const connection = new DatabaseSync(file);
  await migrate(connection, kyselyOn<unknown>(connection), migrations);
  connection.close();
  return readFile(file);
}
