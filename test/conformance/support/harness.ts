import { test } from 'node:test';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import type { EncryptionKeys } from '../../../src/storage/encryption/key-ring.ts';

/** The database of one test. */
export interface TestDatabase {
  /** Opens the database, with `KEYS` by default. It may be opened several times, at once or one after another. */
  open(keys?: EncryptionKeys): Promise<Storage>;
  remove(): Promise<void>;
}

/** The things that the suite needs of a backend. */
export interface StorageHarness {
  readonly name: string;
  /** Creates a new, empty database. */
  create(): Promise<TestDatabase>;
  /** Creates a database with room for about two hundred KiB. `null`: the backend can't limit the size. */
  readonly createConfined: (() => Promise<TestDatabase>) | null;
  /** Whether several processes may claim in the database at a time, so that claims are held under leases. */
  readonly hasLeases: boolean;
}

/** Returns a function that defines a test with a new storage, which is removed afterwards. */
export function storageTests(harness: StorageHarness) {
  return (name: string, body: (storage: Storage) => Promise<void>) =>
    databaseTest(name, harness.create, (database) => withOpen(database, body));
}

/** Defines a test that opens and closes the database itself. */
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

/** Opens the database for `body`, and closes it afterwards. */
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
