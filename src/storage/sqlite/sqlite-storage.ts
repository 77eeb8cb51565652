import type { Storage } from '../contracts/storage.ts';
import { assembleStorage } from '../kysely/assemble-storage.ts';
import { Database, type SqliteOptions } from './database.ts';
import { sqliteHotPath } from './hot-path.ts';

/** Opens a storage that keeps its data in one SQLite file. The database runs in the calling thread. */
export async function openSqliteStorage(options: SqliteOptions): Promise<Storage> {
  const db = await Database.open(options);
  return assembleStorage({
    read: (work) => db.read(() => work(db.kysely)),
    write: (work) => db.transaction(() => work(db.kysely)),
    hotPath: sqliteHotPath(db),
    // All calls share one connection here, and a read keeps it until its end.
    pause: async () => undefined,
    credentials: db.credentials,
    ring: db.ring,
    close: () => db.close(),
  });
}
