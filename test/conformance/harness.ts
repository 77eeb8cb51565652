import { test } from 'node:test';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import type { EncryptionKeys } from '../../src/storage/encryption/key-ring.ts';

/** A database of one test's own. */
export interface TestDatabase {
  /** Opens it, with `KEYS` where no others are given; it may be opened again after `close`. */
  open(keys?: EncryptionKeys): Promise<Storage>;
  remove(): Promise<void>;
}

/** All that a backend brings along to be tested. */
export interface StorageHarness {
  readonly name: string;
  /** A new, empty database. */
  create(): Promise<TestDatabase>;
  /** One that has room for about a hundred KiB; null where the backend can't be confined. */
  readonly createConfined: (() => Promise<TestDatabase>) | null;
  /** Whether several processes may claim in the database at a time, so that claims are held under leases. */
  readonly hasLeases: boolean;
}

/** Makes tests that run on a new storage each, which is removed afterwards. */
export function storageTests(harness: StorageHarness) {
  return (name: string, body: (storage: Storage) => Promise<void>) =>
    databaseTest(name, harness.create, (database) => withOpen(database, body));
}

/** A test that opens and closes the database itself. */
export function databaseTest(
  name: string,
  create: () => Promise<TestDatabase>,
  body: (database: TestDatabase) => Promise<void>,
): void {
  test(name, async () => {
    const database = await create();
    try {
      await body(database);
    } finally {
      await database.remove();
    }
  });
}

/** Opens the database for `body`, and closes it. */
export async function withOpen<T>(
  database: TestDatabase,
  body: (storage: Storage) => Promise<T>,
): Promise<T> {
  const storage = await database.open();
  try {
    return await body(storage);
  } finally {
    await storage.close();
  }
}
