import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ServiceError } from '../../domain/errors.ts';
import { type EncryptionKeys, KeyRing } from '../encryption/key-ring.ts';
import { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { admitKeys } from '../kysely/encryption.ts';
import type { Schema } from '../kysely/schema.ts';
import { migrations } from '../migrations/migrations.ts';
import { JoinedTransactions } from './joined-transactions.ts';
import { Subscriptions } from './subscriptions.ts';

/** Milliseconds that a statement waits for another process (a command beside the server) to end its transaction. */
const BUSY_TIMEOUT_MS = 5_000;
/** KiB of cached pages. The pages that commits write to fit many times over; twice as much saves no time. */
const PAGE_CACHE_KIB = 16_384;
/**
 * Pages of 4 KiB from which the log is copied into the database when no call waits (4 MiB). A call that comes at that
 * moment waits some milliseconds.
 */
const IDLE_CHECKPOINT_PAGES = 1_024;
/**
 * Pages from which the log is copied although calls wait (64 MiB). Each page is copied once, however often it has
 * changed since: at 4 MiB, a commit would cost a fifth to a third more. The commit that copies takes 100 to 200 ms, for
 * which calls under such a load have to wait anyway.
 */
const CHECKPOINT_PAGES = 16_384;
/** SQLite's primary result code for a full disk: https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

export interface SqliteOptions {
  readonly file: string;
  /** Maximum size of the database, in pages of 4 KiB. Tests use it as a disk that fills up. */
  readonly maxPages?: number;
  /** Encrypt the credentials of webhooks. */
  readonly keys: EncryptionKeys;
}

/**
 * A connection to a SQLite file, and the transactions on it. Transactions run one after another, so that their
 * statements never mix, although Kysely's statements are asynchronous in form.
 */
export class Database {
  readonly kysely: Kysely<Schema>;
  readonly ring: KeyRing;
  readonly credentials: SealedCredentials;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #subscriptions: Subscriptions | null = null;
  readonly #transactions: JoinedTransactions;

  private constructor(connection: DatabaseSync, ring: KeyRing) {
    this.ring = ring;
    this.credentials = new SealedCredentials(ring);
    this.#connection = connection;
    this.#transactions = new JoinedTransactions(connection, {
      onBegun: () => this.#subscriptions?.beginTransaction(),
      onUndone: () => this.#subscriptions?.clear(),
      onIdle: () => this.#checkpointIfLong(),
    });
    this.kysely = new Kysely<Schema>({
      dialect: new SqliteDialect({ database: kyselyView(connection, (sql) => this.prepare(sql)) }),
      plugins: [new CamelCasePlugin()],
    });
  }

  /** @throws EncryptionKeyError when something is encrypted with a key that was not given */
  static async open(options: SqliteOptions): Promise<Database> {
    const ring = new KeyRing(options.keys);
    const connection = new DatabaseSync(options.file, { timeout: BUSY_TIMEOUT_MS });
    connection.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};
      pragma temp_store = memory;
      pragma cache_size = -${PAGE_CACHE_KIB};
    `);
    const database = new Database(connection, ring);
    await database
      .transaction(async () => {
        await database.#migrate();
        await admitKeys(database.kysely, ring);
      })
      .catch((error) => {
        connection.close();
        throw error;
      });
    database.#subscriptions = new Subscriptions(connection, database.credentials);
    if (options.maxPages !== undefined) connection.exec(`pragma max_page_count = ${options.maxPages}`);
    return database;
  }

  /** Must be used within a transaction. */
  get subscriptions(): Subscriptions {
    if (!this.#subscriptions) throw new Error('the database is not open');
    return this.#subscriptions;
  }

  /** Returns a prepared statement. Each SQL text is prepared once. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs `work` alone on the connection. Its changes are durable when the promise fulfils, and undone when it rejects.
   * Transactions that are requested while a commit is in progress share the next commit.
   */
  transaction<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#transactions.write(work).catch(asStorageError);
  }

  /** Runs `work`, which only reads, alone on the connection. */
  read<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#transactions.read(work).catch(asStorageError);
  }

  async close(): Promise<void> {
    await this.#transactions.idle();
    if (this.#connection.isOpen) this.#connection.close();
  }

  /** Copies the log into the database. A failure is ignored, because the next commit meets and reports it. */
  #checkpointIfLong(): void {
    if (!this.#connection.isOpen) return;
    try {
      const { log } = this.prepare('pragma wal_checkpoint(noop)').get() as { log: number };
      if (log >= IDLE_CHECKPOINT_PAGES) this.prepare('pragma wal_checkpoint(passive)').get();
    } catch {
      // The disk is full, or another process is reading.
    }
  }

  async #migrate(): Promise<void> {
    // Migrations run in the caller's transaction, so that two processes that start together can't migrate at once.
    const migrator = new Migrator({ db: this.kysely, provider: migrations, disableTransactions: true });
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  }
}

function asStorageError(error: unknown): never {
  const code = (error as { errcode?: number } | null)?.errcode;
  if (code !== undefined && (code & 0xff) === SQLITE_FULL) {
    throw new ServiceError('storage_full', 'the disk that holds the database is full', { cause: error });
  }
  throw error;
}

/** Provides the part of a better-sqlite3 database that Kysely's dialect uses, over `node:sqlite`. */
function kyselyView(connection: DatabaseSync, prepare: (sql: string) => StatementSync) {
  return {
    close: () => connection.close(),
    prepare: (sql: string) => {
      const statement = prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}
