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
  /** Nothing waits any more. */
  readonly onIdle: () => void;
}

/** Transactions that share a commit at the most: so many that one which waits for the next does not wait long. */
const MAX_JOINED = 16;

/**
 * The transactions on one connection, one after the other, so that statements of two never mix though work may be
 * asynchronous. Those that are asked for while a commit is under way are joined into the next, and share its fsync,
 * the most expensive part of each: at full load one commit holds new events and what came of sent ones.
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

  /** Fulfils when what `work` did is durable; rejects, with what it did undone, when it throws or the commit fails. */
  write<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#add('write', work);
  }

  /** Runs `work`, which only reads, between two commits. */
  read<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#add('read', work);
  }

  /** Fulfils when nothing waits and nothing is under way. */
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
    // All that was asked for by now, by messages of other threads too, may be joined.
    await nextTurn();
    while (this.#tasks.length > 0) {
      await this.#runWaiting();
      // What was asked for meanwhile, by messages too, goes before what can wait.
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

  /** The write lock is taken at once: a lock taken later could find another process's commit in its way. */
  async #runTogether(tasks: readonly Task[]): Promise<void> {
    const outcomes: (() => void)[] = [];
    try {
      this.#connection.exec('begin immediate');
      this.#hooks.onBegun();
      for (const task of tasks) outcomes.push(await this.#runJoined(task, tasks.length > 1));
      this.#connection.exec('commit');
    } catch (error) {
      // SQLite itself undoes the transaction on some errors, a full disk among them.
      if (this.#connection.isTransaction) this.#connection.exec('rollback');
      this.#hooks.onUndone();
      for (const { reject } of tasks) reject(error);
      return;
    }
    for (const tell of outcomes) tell();
  }

  /** Carries out one transaction of several; gives back what tells its caller, once all are durable. */
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
      // Where the whole was undone, the others can't go on.
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
