import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import type { MigrationProvider } from 'kysely/migration';
import { ServiceError } from '../../domain/errors.ts';
import { type EncryptionKeys, KeyRing } from '../encryption/key-ring.ts';
import { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { admitKeys } from '../kysely/encryption.ts';
import type { Schema } from '../kysely/tables/schema.ts';
import { migrations } from '../migrations/migrations.ts';
import { Checkpoints } from './checkpoints/checkpoints.ts';
import { kyselyOn } from './schema/kysely-connection.ts';
import { inspectSchema, migrate, type SchemaState } from './schema/migrate.ts';
import { SchemaError } from './schema/schema-error.ts';
import { Subscriptions } from './subscriptions.ts';
import { JoinedTransactions } from './transactions/joined-transactions.ts';
import { asStorageError, isLocked } from './transactions/storage-error.ts';

/**
 * Maximum number of milliseconds that a statement waits until another process has ended its transaction. The
 * other process can be a command that runs beside the server.
 */
export const BUSY_TIMEOUT_MS = 5_000;
/**
 * Size of SQLite's page cache in KiB. The pages that commits change fit into the cache many times over. A
 * cache of twice the size saves no time.
 */
const PAGE_CACHE_KIB = 16_384;
/**
 * Length of the write-ahead log at which the commit that reaches it copies the log itself, in pages of 4 KiB. The
 * value stands for 128 MiB. Only a log that `Checkpoints` could not copy in time becomes that long.
 */
const LONGEST_LOG_PAGES = 32_768;

export interface SqliteOptions {
  readonly file: string;
  /** Maximum size of the database, in pages of 4 KiB. Tests set it to simulate a disk that fills up. */
  readonly maxPages?: number;
  /** Keys that encrypt the credentials of webhooks. */
  readonly keys: EncryptionKeys;
  /**
   * Maximum number of milliseconds that a statement waits for a lock of another process. Default:
   * `BUSY_TIMEOUT_MS`.
   */
  readonly busyTimeoutMs?: number;
  /** Whether the database of an older version is migrated, or refused. Default: it is migrated. */
  readonly mayMigrate?: boolean;
}

type OpenOptions = Required<Pick<SqliteOptions, 'file' | 'busyTimeoutMs'>>;

/**
 * A connection to a SQLite file, and the transactions on that connection. Transactions run one after another,
 * so that their statements never mix. This is necessary because Kysely's functions are asynchronous, although
 * SQLite's are not.
 */
export class Database {
  readonly kysely: Kysely<Schema>;
  readonly ring: KeyRing;
  readonly credentials: SealedCredentials;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #subscriptions: Subscriptions | null = null;
  readonly #transactions: JoinedTransactions;
  readonly #checkpoints: Checkpoints;

  private constructor(connection: DatabaseSync, ring: KeyRing, { file, busyTimeoutMs }: OpenOptions) {
    this.ring = ring;
    this.credentials = new SealedCredentials(ring);
    this.#connection = connection;
    this.#transactions = new JoinedTransactions(connection, {
      onBegun: () => this.#subscriptions?.beginTransaction(),
      onUndone: () => this.#subscriptions?.clear(),
      onCommitted: () => this.#checkpoints.copyIfLong(true),
      onIdle: () => this.#checkpoints.copyIfLong(false),
      busyTimeoutMs,
    });
    this.#checkpoints = new Checkpoints({
      file,
      prepare: (sql) => this.prepare(sql),
      between: (work) => this.#transactions.read(work),
    });
    this.kysely = kyselyOn<Schema>(connection, (sql) => this.prepare(sql));
  }

  /**
   * Opens the file, and migrates the database to the newest schema. The database is unchanged if this
   * function throws.
   * @param provider the migrations; only tests name others
   * @throws EncryptionKeyError when the database is encrypted with a key that is not in `options.keys`
   * @throws SchemaError when the database has a schema that this version does not know
   */
  static async open(options: SqliteOptions, provider: MigrationProvider = migrations): Promise<Database> {
    const ring = new KeyRing(options.keys);
    const { busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
    const connection = new DatabaseSync(options.file, { timeout: busyTimeoutMs });
    try {
      const state = await inspectSchema(connection, provider);
      if (state === 'old' && options.mayMigrate === false) throw migrationNeeded();
      const database = new Database(connection, ring, { file: options.file, busyTimeoutMs });
      await database.#prepare(state, provider);
      if (options.maxPages !== undefined) connection.exec(`pragma max_page_count = ${options.maxPages}`);
      return database;
    } catch (error) {
      connection.close();
      throw openingError(error);
    }
  }

  /**
   * Cache of the webhooks that subscribe to events. Must be used only within a transaction, because the start
   * of a transaction clears outdated entries.
   */
  get subscriptions(): Subscriptions {
    if (!this.#subscriptions) throw new Error('the database is not open');
    return this.#subscriptions;
  }

  /** Returns the prepared statement for a SQL text. Each text is prepared only once. */
  prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs `work` as a transaction, while no other work uses the connection. The changes of `work` are durable
   * when the promise fulfils, and undone when it rejects. Transactions that are requested while a commit is
   * in progress share the next commit.
   */
  transaction<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#transactions.write(work).catch(asStorageError);
  }

  /** Runs `work`, which only reads, while no other work uses the connection. */
  read<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#transactions.read(work).catch(asStorageError);
  }

  async close(): Promise<void> {
    await this.#checkpoints.close();
    await this.#transactions.idle();
    if (this.#connection.isOpen) this.#connection.close();
  }

  /** Configures the connection, and migrates the database in one transaction. */
  async #prepare(state: SchemaState, provider: MigrationProvider): Promise<void> {
    this.#connection.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma wal_autocheckpoint = ${LONGEST_LOG_PAGES};
      pragma temp_store = memory;
      pragma cache_size = -${PAGE_CACHE_KIB};
    `);
    await this.transaction(async () => {
      if (state !== 'current') await migrate(this.#connection, this.kysely, provider);
      await admitKeys(this.kysely, this.ring);
    });
    this.#subscriptions = new Subscriptions(this.#connection, this.credentials);
  }
}

/**
 * Returns the error with which opening fails. A lock is told apart by a code, because the caller can wait for its
 * end. Every other error of SQLite is reported as it is.
 */
function openingError(error: unknown): unknown {
  const isWrapped = error instanceof ServiceError && error.code === 'unavailable';
  const reason = isWrapped ? error.cause : error;
  if (!isLocked(reason)) return reason;
  return Object.assign(new Error('is locked by another program', { cause: reason }), {
    code: 'ERR_DATABASE_LOCKED',
  });
}

function migrationNeeded(): SchemaError {
  return new SchemaError('has the schema of an older version', 'ERR_MIGRATION_NEEDED');
}
