import type { DatabaseSync } from 'node:sqlite';
import { isLocked } from './storage-error.ts';

interface Task {
  readonly kind: 'read' | 'write';
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface TransactionHooks {
  /** Called when a transaction has begun. */
  readonly onBegun: () => void;
  /** Called when changes were undone. */
  readonly onUndone: () => void;
  /** Called after each commit, between two transactions. */
  readonly onCommitted: () => void;
  /** Called when no task is running or waiting any more. */
  readonly onIdle: () => void;
}

export interface TransactionOptions extends TransactionHooks {
  /** Milliseconds for which a transaction waits for a lock of another process. */
  readonly busyTimeoutMs: number;
}

/**
 * Milliseconds for which a transaction waits for a lock for which the transaction before it has waited in vain.
 * Short, because the waiting occupies the thread: a hundred calls that each waited for the whole time would be
 * refused one after the other, for minutes.
 */
const LOCKED_TIMEOUT_MS = 50;
/** Maximum number of transactions that share a commit. The limit keeps the wait for the next commit short. */
const MAX_JOINED = 16;
/**
 * Milliseconds after which no further transaction joins the ones that share a commit, so that many large ones
 * do not hold the thread together. The next commit takes those that are left.
 */
const MAX_JOINED_MS = 30;

/**
 * Runs the transactions of one connection one after another, so that their statements never mix, although
 * their work can be asynchronous. Transactions that are requested while a commit is in progress share the
 * next commit and its fsync, which is the most expensive part of a transaction. At full load, new events and
 * settlements share a commit.
 */
export class JoinedTransactions {
  readonly #connection: DatabaseSync;
  readonly #hooks: TransactionOptions;
  readonly #tasks: Task[] = [];
  #running: Promise<void> | null = null;
  /** Whether the last transaction could not begin, because another process has locked the database. */
  #isLocked = false;

  constructor(connection: DatabaseSync, hooks: TransactionOptions) {
    this.#connection = connection;
    this.#hooks = hooks;
  }

  /**
   * Runs `work` as a transaction. The promise fulfils when the changes of `work` are durable. The promise
   * rejects when `work` throws or the commit fails; then nothing is changed.
   */
  write<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#add('write', work);
  }

  /** Runs `work`, which only reads, between two commits. */
  read<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#add('read', work);
  }

  /** Fulfils when no task is running or waiting. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #add<T>(kind: Task['kind'], work: () => T | Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#tasks.push({ kind, work, resolve: resolve as (value: unknown) => void, reject });
    this.#running ??= this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    // Lets the event loop receive messages from other threads that have already arrived. Transactions that
    // these messages request can share the first commit.
    await nextTurn();
    while (this.#tasks.length > 0) {
      await this.#runWaiting();
      // Lets the event loop receive messages that have arrived meanwhile. Tasks that these messages add run
      // before `onIdle` is called, because the work of `onIdle` can wait.
      await nextTurn();
    }
    this.#running = null;
    this.#hooks.onIdle();
  }

  async #runWaiting(): Promise<void> {
    for (let task = this.#tasks[0]; task; task = this.#tasks[0]) {
      if (task.kind === 'read') await this.#runRead();
      else await this.#runTogether(this.#takeWrites());
    }
  }

  #takeWrites(): Task[] {
    const end = this.#tasks.findIndex(({ kind }) => kind === 'read');
    return this.#tasks.splice(0, Math.min(end === -1 ? this.#tasks.length : end, MAX_JOINED));
  }

  async #runRead(): Promise<void> {
    const task = this.#tasks.shift();
    try {
      task?.resolve(await task.work());
    } catch (error) {
      task?.reject(error);
    }
  }

  /**
   * Runs write tasks as one transaction. The transaction takes the write lock when it begins (`begin
   * immediate`), because taking the lock later can fail when another process has committed meanwhile.
   */
  async #runTogether(tasks: readonly Task[]): Promise<void> {
    const outcomes: (() => void)[] = [];
    const startedAt = performance.now();
    let joined = tasks.length;
    try {
      this.#begin();
      this.#hooks.onBegun();
      for (const task of tasks) {
        outcomes.push(await this.#runJoined(task, tasks.length > 1));
        if (performance.now() - startedAt > MAX_JOINED_MS) break;
      }
      joined = outcomes.length;
      this.#tasks.unshift(...tasks.slice(joined));
      this.#connection.exec('commit');
    } catch (error) {
      // On some errors, such as a full disk, SQLite itself has already rolled back the transaction.
      if (this.#connection.isTransaction) this.#connection.exec('rollback');
      this.#hooks.onUndone();
      for (const { reject } of tasks.slice(0, joined)) reject(error);
      return;
    }
    for (const tell of outcomes) tell();
    this.#hooks.onCommitted();
  }

  #begin(): void {
    try {
      this.#connection.exec('begin immediate');
    } catch (error) {
      if (isLocked(error)) this.#noteLocked(true);
      throw error;
    }
    if (this.#isLocked) this.#noteLocked(false);
  }

  #noteLocked(isNow: boolean): void {
    this.#isLocked = isNow;
    const { busyTimeoutMs } = this.#hooks;
    const timeoutMs = isNow ? Math.min(LOCKED_TIMEOUT_MS, busyTimeoutMs) : busyTimeoutMs;
    this.#connection.exec(`pragma busy_timeout = ${timeoutMs}`);
  }

  /**
   * Runs one of the tasks that share a commit. Returns a function that settles the promise of the task. The
   * caller must call that function once the commit is durable.
   */
  async #runJoined({ work, resolve, reject }: Task, isJoined: boolean): Promise<() => void> {
    if (!isJoined) {
      const value = await work();
      return () => resolve(value);
    }
    this.#connection.exec('savepoint joined');
    try {
      const value = await work();
      this.#connection.exec('release joined');
      return () => resolve(value);
    } catch (error) {
      // If SQLite has rolled back the whole transaction, the changes of the other tasks are lost, too. So all
      // tasks fail.
      if (!this.#connection.isTransaction) throw error;
      this.#connection.exec('rollback to joined; release joined');
      this.#hooks.onUndone();
      return () => reject(error);
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
