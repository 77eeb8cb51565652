import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Storage } from '../contracts/storage.ts';
import { KeyRing } from '../encryption/key-ring.ts';
import { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { assembleStorage, type HotPath } from '../kysely/assemble-storage.ts';
import type { Schema } from '../kysely/tables/schema.ts';
import { countDue } from './count-due.ts';
import { BUSY_TIMEOUT_MS, type SqliteOptions } from './database.ts';
import { kyselyOn } from './schema/kysely-connection.ts';
import { asStorageError } from './transactions/storage-error.ts';

/** Size of the page cache of the connection that reads, in KiB. */
const PAGE_CACHE_KIB = 8_192;

export interface SqliteReader {
  /** The storage. Only its methods that read can be called. */
  readonly storage: Storage;
  /** Begins a step of a read, which sees one state of the database. Returns a function that ends the step. */
  readonly step: () => () => void;
}

/**
 * Opens a SQLite file for reading only. The database must exist, with the newest schema. In a write-ahead log,
 * a connection that reads neither waits for commits nor delays them.
 * @param pause ends the present step, and fulfils when the next step may begin
 */
export function openSqliteReader(
  { file, keys, busyTimeoutMs = BUSY_TIMEOUT_MS }: SqliteOptions,
  pause: () => Promise<void>,
): SqliteReader {
  const connection = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
  connection.exec(`pragma temp_store = memory; pragma cache_size = -${PAGE_CACHE_KIB};`);
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string) => statements.getOrInsertComputed(sql, () => connection.prepare(sql));
  const kysely = kyselyOn<Schema>(connection, prepare);
  const ring = new KeyRing(keys);
  const storage = assembleStorage({
    read: (work) => work(kysely).catch(asStorageError),
    write: refuse,
    pause,
    hotPath: { ...NO_HOT_PATH, queue: { ...NO_HOT_PATH.queue, due: dueReader(prepare) } },
    credentials: new SealedCredentials(ring),
    ring,
    close: async () => connection.close(),
  });
  const begin = prepare('begin');
  const end = prepare('commit');
  const step = () => {
    begin.run();
    // SQLite itself ends the transaction on some errors, which the statement of the read has reported.
    return () => void (connection.isTransaction && end.run());
  };
  return { storage, step };
}

function dueReader(prepare: (sql: string) => StatementSync): HotPath['queue']['due'] {
  return async (request) => countDue({ prepare }, request);
}

const refuse = () => Promise.reject(new Error('this connection only reads'));

const NO_HOT_PATH: HotPath = {
  events: { commit: refuse },
  queue: {
    claim: refuse,
    settle: refuse,
    release: refuse,
    releaseStaleClaims: refuse,
    nextDueAt: refuse,
    due: refuse,
    failingWebhooks: refuse,
    savedClock: refuse,
    saveClock: refuse,
  },
  removeEvents: refuse,
  countOldRows: refuse,
};
