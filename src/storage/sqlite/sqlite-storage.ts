import type { Storage } from '../contracts/storage.ts';
import { assembleStorage } from '../kysely/assemble-storage.ts';
import { completeRevisions } from '../kysely/requests/webhook-revisions.ts';
import { Database, type SqliteOptions } from './database.ts';
import { sqliteHotPath } from './hot-path.ts';

/** Opens a storage that keeps its data in one SQLite file. The database runs in the calling thread. */
export async function openSqliteStorage(options: SqliteOptions): Promise<Storage> {
  const db = await Database.open(options);
  await completeAllRevisions(db);
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

/** Maximum number of revisions that one transaction completes. */
const REVISIONS_OF_STEP = 500;

/** Completes the revisions of webhooks that an older version has made. Does nothing at most starts. */
async function completeAllRevisions(db: Database): Promise<void> {
  const { kysely, credentials } = db;
  const step = () => db.transaction(() => completeRevisions(kysely, credentials, REVISIONS_OF_STEP));
  while ((await step()) === REVISIONS_OF_STEP);
}
