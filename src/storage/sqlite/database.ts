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
import { Journal, type JournalState, journalFileOf, readJournal } from './journal/journal.ts';
import { EventKeys } from './lookups/event-keys.ts';
import { Subscriptions } from './lookups/subscriptions.ts';
import { kyselyOn } from './schema/kysely-connection.ts';
import { inspectSchema, migrate, type SchemaState } from './schema/migrate.ts';
import { SchemaError } from './schema/schema-error.ts';
import { JoinedTransactions } from './transactions/joined-transactions.ts';
import type { LoggedTask } from './transactions/logged-tasks.ts';
import { asStorageError, isLocked } from './transactions/storage-error.ts';
import { Backlogs } from './unwritten/backlogs.ts';
import { lastDeliverySeq } from './unwritten/last-delivery.ts';
import { UnwrittenDeliveries } from './unwritten/unwritten-deliveries.ts';
import { writeOldest } from './unwritten/write-deliveries.ts';
import { WrittenEvents } from './unwritten/written-events.ts';

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
/** Number of deliveries whose rows one transaction writes, which takes about 20 ms. */
const WRITTEN_AT_ONCE = 2_500;
/** Milliseconds after a commit until deliveries get rows that are unwritten since then, and their maximum number. */
const WRITE_AFTER_MS = 1_000;
const FEW = 100;

const JOURNAL_STATE = `select journal_key as key, journal_number as applied from recovery_state`;
const NOTE_APPLIED = `update recovery_state set journal_number = ?`;

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
  /** Deliveries without rows. Statements of `kysely` see them, because they get their rows before. */
  readonly unwritten = new UnwrittenDeliveries();
  readonly written = new WrittenEvents(this);
  readonly backlogs = new Backlogs((sql) => this.prepare(sql));
  readonly eventKeys = new EventKeys((sql) => this.prepare(sql));
  readonly #journalFile: string;
  #journal: Journal | null = null;
  /** Number that the present transaction has noted, or the last one. */
  #notedNumber = -1;
  /** Number of the next delivery. Is 0 until the deliveries of earlier processes were recovered. */
  nextDeliverySeq = 0;
  /** For each statement of `kysely`, what it does with deliveries. */
  readonly #uses = new Map<string, DeliveryUse>();
  #writeTimer: NodeJS.Timeout | null = null;
  readonly #undoneListeners: (() => void)[] = [];
  #flushing: Promise<void> | null = null;
  /** The flush that begins when the present one has ended. */
  #nextFlush: Promise<void> | null = null;
  /** State of the memory at the beginning of the present transaction, and of its present task. */
  #transactionStart = { mark: 0, nextDeliverySeq: 0 };
  #taskStart = { mark: 0, nextDeliverySeq: 0 };
  #subscriptions: Subscriptions | null = null;
  readonly #transactions: JoinedTransactions;
  readonly #checkpoints: Checkpoints;

  private constructor(connection: DatabaseSync, ring: KeyRing, { file, busyTimeoutMs }: OpenOptions) {
    this.ring = ring;
    this.credentials = new SealedCredentials(ring);
    this.#connection = connection;
    this.#journalFile = journalFileOf(file);
    this.#transactions = new JoinedTransactions(connection, {
      onBegun: () => this.#begin(),
      onTask: () => {
        this.#taskStart = this.#memoryState();
      },
      onUndone: (what) => this.#undo(what === 'task' ? this.#taskStart : this.#transactionStart),
      onCommitting: () => this.#noteJournal(),
      onCommitted: () => {
        this.#writeFewLater();
        this.#checkpoints.copyIfLong(true);
      },
      onIdle: () => this.#checkpoints.copyIfLong(false),
      busyTimeoutMs,
    });
    this.#checkpoints = new Checkpoints({
      file,
      prepare: (sql) => this.prepare(sql),
      between: (work) => this.#transactions.between(work),
    });
    this.kysely = kyselyOn<Schema>(connection, (sql) => {
      this.#writeFor(sql);
      return this.prepare(sql);
    });
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

  /** Runs a task as a transaction that the journal makes durable: see `JoinedTransactions.writeLogged`. */
  logged<T>(task: LoggedTask<T>): Promise<T> {
    return this.#transactions.writeLogged(task).catch(asStorageError);
  }

  /** Runs `work` as a transaction whose changes may be lost when the process is killed. */
  volatile<T>(work: () => T): Promise<T> {
    return this.#transactions.writeVolatile(work).catch(asStorageError);
  }

  /**
   * Makes all changes visible to other connections: gives every unwritten delivery its row, and lets SQLite commit.
   * Takes several transactions if there are many deliveries, so that none takes long. Calls that come while one is
   * carried out share the next one, so that a thousand readers cause two commits.
   */
  flush(): Promise<void> {
    if (!this.#flushing) return this.#beginFlush();
    this.#nextFlush ??= this.#flushing.then(
      () => this.#beginFlush(),
      () => this.#beginFlush(),
    );
    return this.#nextFlush;
  }

  #beginFlush(): Promise<void> {
    this.#nextFlush = null;
    this.#flushing = this.#flushNow().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #flushNow(): Promise<void> {
    // Repeats what a failed commit has undone. Until then the memory lacks its deliveries.
    if (this.hasUndone) await this.commit();
    for (let left = this.unwritten.size; left > 0; left -= WRITTEN_AT_ONCE)
      await this.transaction(() => writeOldest(this, WRITTEN_AT_ONCE));
    await this.commit();
  }

  /** Lets SQLite commit all changes that are durable in the journal. */
  commit(): Promise<void> {
    return this.#transactions.commit().catch(asStorageError);
  }

  /** Whether a failed commit has undone durable changes, which were not repeated yet. */
  get hasUndone(): boolean {
    return this.#transactions.hasUndone;
  }

  /** Calls `work` whenever changes were undone. */
  onUndone(work: () => void): void {
    this.#undoneListeners.push(work);
  }

  /**
   * Repeats the changes in the journal that the database lacks, because the process was killed that made them, and uses
   * the journal from now on. Only the process that holds the data folder may call this method.
   * @param repeat repeats a change, within a transaction
   * @throws JournalError when the journal does not fit the database
   */
  async useJournal(repeat: (entry: unknown) => void): Promise<void> {
    const state = this.prepare(JOURNAL_STATE).get() as unknown as JournalState;
    const texts = readJournal(this.#journalFile, state);
    const applied = state.applied + texts.length;
    if (texts.length > 0) {
      await this.transaction(() => {
        for (const text of texts) for (const entry of JSON.parse(text)) repeat(entry);
        this.writeAllOf('remove');
        this.prepare(NOTE_APPLIED).run(applied);
      });
    }
    this.#journal = Journal.begin(this.#journalFile, { key: state.key, applied });
    this.#transactions.useLog(this.#journal);
  }

  /**
   * Gives every unwritten delivery its row, before a statement reads, changes or removes deliveries. Must be called
   * within a transaction.
   */
  writeAllOf(use: Exclude<DeliveryUse, 'none'>): void {
    writeOldest(this, Number.POSITIVE_INFINITY);
    // A row that is removed must not come back with the next start.
    if (use === 'remove') this.written.save();
  }

  async close(): Promise<void> {
    if (this.#writeTimer) clearTimeout(this.#writeTimer);
    if (this.#connection.isOpen && this.unwritten.size > 0) await this.#writeLast();
    await this.#checkpoints.close();
    await this.#transactions.idle();
    // After a failed commit, the journal has changes that SQLite lacks, and stays.
    this.#journal?.close({ remove: this.#transactions.isCommitted });
    if (this.#connection.isOpen) this.#connection.close();
  }

  /**
   * Gives a few deliveries their rows if they are still unwritten in a second. So those that wait for slow receivers are
   * in the table soon, unless very many wait, and can be listed while SQLite can't commit.
   */
  #writeFewLater(): void {
    if (this.#writeTimer || this.unwritten.size === 0) return;
    const { lastEvent } = this.written;
    this.#writeTimer = setTimeout(() => {
      this.#writeTimer = null;
      const write = () => writeOldest(this, FEW, ({ event }) => event.seq <= lastEvent);
      // If this fails, a later commit tries it again.
      this.transaction(write).catch(() => undefined);
    }, WRITE_AFTER_MS).unref();
  }

  #noteJournal(): void {
    if (this.#journal && this.#journal.number !== this.#notedNumber) {
      this.#notedNumber = this.#journal.number;
      this.prepare(NOTE_APPLIED).run(this.#journal.number);
    }
  }

  /** Writes all rows, so that the next start has nothing to recover. If that fails, the next start does it. */
  async #writeLast(): Promise<void> {
    await this.transaction(() => this.writeAllOf('remove')).catch(() => undefined);
  }

  #begin(): void {
    this.unwritten.begin();
    if (this.#subscriptions?.beginTransaction()) {
      this.backlogs.clear();
      if (this.nextDeliverySeq > 0)
        this.nextDeliverySeq = Math.max(this.nextDeliverySeq, lastDeliverySeq(this) + 1);
    }
    this.#transactionStart = this.#memoryState();
  }

  #memoryState() {
    return { mark: this.unwritten.mark, nextDeliverySeq: this.nextDeliverySeq };
  }

  #undo({ mark, nextDeliverySeq }: { mark: number; nextDeliverySeq: number }): void {
    this.#notedNumber = -1;
    for (const work of this.#undoneListeners) work();
    this.unwritten.undoTo(mark);
    this.nextDeliverySeq = nextDeliverySeq;
    this.written.noteUndone();
    this.backlogs.clear();
    this.#subscriptions?.clear();
  }

  /** Gives the unwritten deliveries their rows, if a statement of `kysely` concerns deliveries. */
  #writeFor(sql: string): void {
    const use = this.#uses.getOrInsertComputed(sql, deliveryUseOf);
    if (use === 'none') return;
    if (use !== 'read') this.backlogs.clear();
    // `flush` comes before a read that is no part of a transaction.
    if (this.#connection.isTransaction) this.writeAllOf(use);
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

/** Use that a statement makes of deliveries or their attempts. */
type DeliveryUse = 'none' | 'read' | 'change' | 'remove';

function deliveryUseOf(sql: string): DeliveryUse {
  if (!/\b(deliveries|attempts)\b/i.test(sql)) return 'none';
  if (/^\s*(select|with)\b/i.test(sql)) return 'read';
  return /^\s*delete\b/i.test(sql) ? 'remove' : 'change';
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
