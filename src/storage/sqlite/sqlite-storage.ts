import { sql } from 'kysely';
import type { Storage } from '../contracts/storage.ts';
import { assembleStorage } from '../kysely/assemble-storage.ts';
import type { JsonFilters } from '../kysely/media.ts';
import { Database, type SqliteOptions } from './database.ts';
import { sqliteHotPath } from './hot-path.ts';

const jsonFilters: JsonFilters = {
  hasTag: (query, tag) =>
    query.where(sql<boolean>`exists (select 1 from json_each(media.tags) where value = ${tag})`),
  hasMetadata: (query, { key, value }) =>
    query.where(sql<boolean>`exists (select 1 from json_each(media.metadata)
      where value ->> 'key' = ${key} and value ->> 'value' = ${value})`),
};

/** Opens a storage that keeps its data in one SQLite file. The database runs in the calling thread. */
export async function openSqliteStorage(options: SqliteOptions): Promise<Storage> {
  const db = await Database.open(options);
  return assembleStorage({
    read: (work) => db.read(() => work(db.kysely)),
    write: (work) => db.transaction(() => work(db.kysely)),
    hotPath: sqliteHotPath(db),
    jsonFilters,
    credentials: db.credentials,
    ring: db.ring,
    close: () => db.close(),
  });
}
