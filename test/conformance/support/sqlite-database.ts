import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import type { EncryptionKeys } from '../../../src/storage/encryption/key-ring.ts';
import { KEYS } from '../../../src/storage/testing/records.ts';
import type { TestDatabase } from './harness.ts';

/** Maximum pages of a confined database, of 4 KiB each: the empty schema and about two hundred KiB. */
export const CONFINED_PAGES = 110;

/** Creates a folder for a database that `open` opens. */
export async function createSqliteDatabase(
  open: (file: string, keys: EncryptionKeys) => Promise<Storage>,
): Promise<TestDatabase> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-sqlite-'));
  return {
    open: (keys = KEYS) => open(join(dir, 'test.db'), keys),
    remove: () => rm(dir, { recursive: true }),
  };
}
