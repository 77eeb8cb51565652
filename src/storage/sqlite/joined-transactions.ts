import type { DatabaseSync } from 'node:sqlite';

interface Task {
  readonly kind: 'read' | 'write';
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface TransactionHooks {
  /** A transaction has begun. */
  readonly onBegun: () => void;
  /** Changes were undone. */
  readonly onUndone: () => void;
  /** No task waits any more. */
  readonly onIdle: () => void;
}

/** Maximum number of transactions that share a commit, so that the next commit does not have to wait long. */
const MAX_JOINED = 16;

/**
 * Runs the transactions of one connection one after another, so that their statements never mix although work may be
 * asynchronous. Transactions that are requested while a commit is in progress join the next one and share its fsync,
 * which is the most expensive part of a transaction. At full load, a commit holds new events and settlements together.
 */
export class JoinedTransactions {
  readonly #connection: DatabaseSync;
  readonly #hooks: TransactionHooks;
  readonly #tasks: Task[] = [];
  #running: Promise<void> | null = null;

  constructor(connection: DatabaseSync, hooks: TransactionHooks) {
    this.#connection = connection;
    this.#hooks = hooks;
  }

  /**
   * Fulfils when the changes of `work` are durable. Rejects when `work` throws or the commit fails; nothing is
   * changed then.
   */
  write<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#add('write', work);
  }

  /** Runs `work`, which only reads, between two commits. */
  read<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#add('read', work);
  }

  /** Fulfils when no task waits and none is running. */
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
    // Waits for the messages of other threads that have arrived already: their transactions may join.
    await nextTurn();
    while (this.#tasks.length > 0) {
      await this.#runWaiting();
      // Lets tasks in that messages have brought meanwhile, before `onIdle` does work that can wait.
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

  /** Takes the write lock at once, because a lock taken later could fail for a commit of another process. */
  async #runTogether(tasks: readonly Task[]): Promise<void> {
    const outcomes: (() => void)[] = [];
    try {
      this.#connection.exec('begin immediate');
      this.#hooks.onBegun();
      for (const task of tasks) outcomes.push(await this.#runJoined(task, tasks.length > 1));
      this.#connection.exec('commit');
    } catch (error) {
      // On some errors, such as a full disk, SQLite itself has undone the transaction.
      if (this.#connection.isTransaction) this.#connection.exec('rollback');
      this.#hooks.onUndone();
      for (const { reject } of tasks) reject(error);
      return;
    }
    for (const tell of outcomes) tell();
  }

  /** Runs one of the transactions that share a commit. Returns a function to call once the commit is durable. */
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
      // If SQLite has undone the whole transaction, the others can't continue.
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
