import type { Storage } from '../contracts/storage.ts';
import { assembleStorage } from '../kysely/assemble-storage.ts';
import { completeRevisions } from '../kysely/requests/webhook-revisions.ts';
import { Database, type SqliteOptions } from './database.ts';
import { sqliteHotPath } from './hot-path.ts';

export interface SqliteStorage extends Storage {
  /** Makes all changes visible to other connections. Must be called before another connection reads deliveries. */
  readonly flush: () => Promise<void>;
  /** Makes all changes visible to other connections, except for unwritten deliveries. */
  readonly commit: () => Promise<void>;
}

/** Opens a storage that keeps its data in one SQLite file. The database runs in the calling thread. */
export async function openSqliteStorage(options: SqliteOptions): Promise<SqliteStorage> {
  const db = await Database.open(options);
  await completeAllRevisions(db);
  const storage = assembleStorage({
    read: async (work) => {
      await db.flush();
      return db.read(() => work(db.kysely));
    },
    write: async (work) => {
      // The transaction might concern deliveries, and must not write the rows of very many.
      if (db.hasUndone || db.unwritten.size > MANY_UNWRITTEN) await db.flush();
      return db.transaction(() => work(db.kysely));
    },
    hotPath: sqliteHotPath(db),
    // All calls share one connection here, and a read keeps it until its end.
    pause: async () => undefined,
    credentials: db.credentials,
    ring: db.ring,
    close: () => db.close(),
  });
  return { ...storage, flush: () => db.flush(), commit: () => db.commit() };
}

/** Number of unwritten deliveries whose rows a transaction may write together, which takes about 10 ms. */
const MANY_UNWRITTEN = 1_000;

/** Maximum number of revisions that one transaction completes. */
const REVISIONS_OF_STEP = 500;

/** Completes the revisions of webhooks that an older version has made. Does nothing at most starts. */
async function completeAllRevisions(db: Database): Promise<void> {
  const { kysely, credentials } = db;
  const step = () => db.transaction(() => completeRevisions(kysely, credentials, REVISIONS_OF_STEP));
  while ((await step()) === REVISIONS_OF_STEP);
}
