import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  appendTasks,
  type DoneTask,
  type LoggedTask,
  MAX_JOURNAL_BYTES,
  type TransactionLog,
} from './logged-tasks.ts';
import { callInTurns, cpuMsSince, nextTurn, TURN_MS } from './thread-time.ts';
import { WriteLock } from './write-lock.ts';

/**
 * - `read`: only reads;
 * - `write`: durable when SQLite has committed it;
 * - `logged`: durable when its entry is in the journal;
 * - `volatile`: need not be durable, and is lost with the process.
 */
type Kind = 'read' | 'write' | 'logged' | 'volatile';

interface Task {
  readonly kind: Kind;
  readonly work: () => unknown;
  /** Functions that make a logged task durable. `null`: the task is not logged. */
  readonly logged: DoneTask['logged'];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface TransactionHooks {
  /** Called when a transaction has begun. */
  readonly onBegun: () => void;
  /** Called before each of the tasks that share a transaction. */
  readonly onTask: () => void;
  /** Called when the changes of the present task were undone (`task`), or all changes of the transaction. */
  readonly onUndone: (what: 'task' | 'transaction') => void;
  /** Called at the end of a transaction, within it. */
  readonly onCommitting: () => void;
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
 * Milliseconds for which a transaction stays open after its first task, if all of its tasks are in the journal. Its
 * commit writes each page once, however often the tasks have changed it.
 */
const OPEN_MS = 250;
/** Milliseconds from an error that undoes durable tasks until they are repeated. Calls are refused meanwhile. */
const REPEAT_MS = 500;
/** Number of tasks of an open transaction at which SQLite commits. */
const MAX_OPEN_TASKS = 5_000;
/** Maximum number of transactions that share a commit. The limit keeps the wait for the next commit short. */
const MAX_JOINED = 16;

/**
 * Runs the tasks of one connection one after another, so that their statements never mix, although their work can be
 * asynchronous. Tasks that are requested while a commit or an append to the journal is in progress share the next one,
 * and its sync, which is the most expensive part.
 *
 *             first task                           a `write`, a read from outside,
 *   closed -------------> open: tasks are run,     250 ms, or a long journal
 *     ^                   then appended  ---------------------------------------> commit ---> closed
 *     |                   to the journal                                            |
 *     |                       | an error undoes the transaction                     | an error
 *     |                       v                                                     v
 *     +--- commit <---- open again: the tasks that were durable already are repeated first
 *
 * A transaction that has a journal stays open, because a commit costs ten times as much as a frame of the journal.
 * The tasks are durable, since their entries are in the journal. Reads of this connection see them.
 */
export class JoinedTransactions {
  readonly #connection: DatabaseSync;
  readonly #hooks: TransactionOptions;
  readonly #tasks: Task[] = [];
  #running: Promise<void> | null = null;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #lock: WriteLock;
  #log: TransactionLog | null = null;
  /** Whether a transaction was begun, and neither committed nor undone. */
  #isOpen = false;
  /** Whether undone tasks are being repeated. */
  #isRepeating = false;
  /** Functions that repeat the tasks which are done, and which SQLite has not committed. */
  #uncommitted: (() => unknown)[] = [];
  #commitTimer: NodeJS.Timeout | null = null;
  /** Error with which durable tasks could not be committed or repeated, and when they are repeated next. */
  #failure: unknown = null;
  #repeatAt = Number.NEGATIVE_INFINITY;
  /** Whether the last commit has failed. SQLite then commits each task, until it succeeds. */
  #hasFailed = false;

  constructor(connection: DatabaseSync, hooks: TransactionOptions) {
    this.#connection = connection;
    this.#hooks = hooks;
    this.#savepoint = connection.prepare('savepoint task');
    this.#release = connection.prepare('release task');
    this.#lock = new WriteLock(connection, hooks.busyTimeoutMs);
  }

  /** Makes logged tasks durable by appending to `log` from now on. Before, SQLite commits them. */
  useLog(log: TransactionLog): void {
    this.#log = log;
  }

  /**
   * Runs `work` as a transaction. The promise fulfils when the changes of `work` are durable. The promise
   * rejects when `work` throws or the commit fails; then nothing is changed.
   */
  write<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#add('write', work);
  }

  /** Runs a task as a transaction that the journal makes durable. */
  writeLogged<T>({ work, entry, repeat }: LoggedTask<T>): Promise<T> {
    return this.#add('logged', work, { entry, repeat });
  }

  /** Runs `work` as a transaction whose changes may be lost when the process is killed. */
  writeVolatile<T>(work: () => T): Promise<T> {
    return this.#add('volatile', work);
  }

  /** Runs `work`, which only reads, between two tasks. */
  read<T>(work: () => T | Promise<T>): Promise<T> {
    return this.#add('read', work);
  }

  /** Runs `work` while no transaction is open. */
  async between<T>(work: () => T): Promise<T> {
    return this.#add('read', async () => {
      await this.#commitOpen();
      return work();
    });
  }

  /** Fulfils when SQLite has committed all earlier tasks. */
  commit(): Promise<void> {
    if (!this.#isOpen && this.#tasks.length === 0 && this.#uncommitted.length === 0) return Promise.resolve();
    return this.write(() => undefined);
  }

  /** Whether SQLite has committed all tasks that are done. */
  get isCommitted(): boolean {
    return this.#uncommitted.length === 0;
  }

  /** Whether a failed commit has undone durable tasks, of which not all were repeated yet. */
  get hasUndone(): boolean {
    return (!this.#isOpen || this.#isRepeating) && this.#uncommitted.length > 0;
  }

  /** Fulfils when no task is running or waiting, and no transaction is open. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
    if (this.#isOpen || this.#uncommitted.length > 0) await this.commit().catch(() => undefined);
    while (this.#running) await this.#running;
    this.#clearTimer();
  }

  #add<T>(kind: Kind, work: () => T | Promise<T>, logged: Task['logged'] = null): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#tasks.push({ kind, work, logged, resolve: resolve as (value: unknown) => void, reject });
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
    if (!this.#isOpen) this.#hooks.onIdle();
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
      await this.#repeatForRead();
      task?.resolve(await task.work());
    } catch (error) {
      task?.reject(error);
    }
  }

  /** Makes a read see the tasks that a failed commit has undone, if they can be repeated already. */
  async #repeatForRead(): Promise<void> {
    if (this.#uncommitted.length === 0) return;
    try {
      await this.#open();
    } catch {
      // The data that SQLite has committed can be read, while the disk is full.
    }
  }

  /** Runs write tasks in the open transaction, and makes them durable together. */
  async #runTogether(tasks: readonly Task[]): Promise<void> {
    const outcomes: Outcome[] = [];
    const before = process.threadCpuUsage();
    const startedAt = performance.now();
    let joined = tasks.length;
    try {
      await this.#open();
      for (const task of tasks) {
        outcomes.push(await this.#runTask(task));
        // The next commit takes the tasks that are left, so that many large ones do not hold the thread together.
        const mayBeLong = performance.now() - startedAt > TURN_MS;
        if (mayBeLong && cpuMsSince(before) > TURN_MS) break;
      }
      joined = outcomes.length;
      this.#tasks.unshift(...tasks.slice(joined));
      await this.#makeDurable(outcomes);
    } catch (error) {
      if (this.#isOpen) this.#noteFailure(error);
      this.#undo();
      for (const { reject } of tasks.slice(0, joined)) reject(error);
      return;
    }
    for (const { tell } of outcomes) tell();
  }

  /**
   * Begins a transaction, unless one is open. Repeats the tasks that an error has undone although they were durable. It
   * takes the write lock when it begins (`begin immediate`), because taking the lock later can fail when another
   * process has committed meanwhile.
   */
  async #open(): Promise<void> {
    // On some errors, such as a full disk, SQLite itself rolls back the transaction.
    if (this.#isOpen && !this.#connection.isTransaction) this.#undo();
    if (this.#isOpen) return;
    if (this.#uncommitted.length > 0 && performance.now() < this.#repeatAt) throw this.#failure;
    await this.#lock.begin({ leavesUnlocked: this.#log !== null });
    this.#isOpen = true;
    this.#hooks.onBegun();
    try {
      this.#isRepeating = true;
      await callInTurns(this.#uncommitted);
    } catch (error) {
      this.#undo();
      this.#noteFailure(error);
      throw error;
    } finally {
      this.#isRepeating = false;
    }
  }

  /** Notes that durable tasks could not be committed. Each call would otherwise repeat all of them in vain. */
  #noteFailure(error: unknown): void {
    if (this.#uncommitted.length === 0) return;
    this.#failure = error;
    this.#repeatAt = performance.now() + REPEAT_MS;
  }

  /** Runs a task of the open transaction. Undoes the changes of this task alone if it throws. */
  async #runTask({ kind, work, logged, resolve, reject }: Task): Promise<Outcome> {
    this.#hooks.onTask();
    this.#savepoint.run();
    try {
      const value = await work();
      this.#release.run();
      return { kind, work, logged, isDone: true, tell: () => resolve(value) };
    } catch (error) {
      // If SQLite has rolled back the whole transaction, the changes of the other tasks are lost, too. So all
      // tasks fail.
      if (!this.#connection.isTransaction) throw error;
      this.#connection.exec('rollback to task');
      this.#release.run();
      this.#hooks.onUndone('task');
      return { kind, work, logged, isDone: false, tell: () => reject(error) };
    }
  }

  async #makeDurable(outcomes: readonly Outcome[]): Promise<void> {
    const done = outcomes.filter(({ isDone }) => isDone);
    const log = this.#log;
    // While SQLite can't commit, because the disk is full, nothing new is accepted, although the journal has room.
    const mayWait = !this.#hasFailed && !done.some(({ kind }) => kind === 'write');
    const repeats = log && mayWait ? appendTasks(log, done) : null;
    if (!log || !repeats) {
      this.#commit();
      return;
    }
    this.#uncommitted.push(...repeats);
    const isLong = log.bytes > MAX_JOURNAL_BYTES || this.#uncommitted.length > MAX_OPEN_TASKS;
    if (isLong) await this.#commitOpen();
    else this.#setTimer();
  }

  /** Commits the open transaction, if there is one. Its tasks are durable already, so that an error can wait. */
  async #commitOpen(): Promise<void> {
    if (!this.#isOpen && this.#uncommitted.length === 0) return;
    try {
      await this.#open();
      this.#commit();
    } catch (error) {
      this.#hasFailed = true;
      if (this.#isOpen) this.#noteFailure(error);
      this.#undo();
      this.#setTimer();
    }
  }

  #commit(): void {
    this.#hasFailed = true;
    this.#hooks.onCommitting();
    this.#connection.exec('commit');
    this.#isOpen = false;
    this.#hasFailed = false;
    this.#lock.noteCommitted();
    this.#uncommitted = [];
    this.#clearTimer();
    this.#log?.restart();
    this.#hooks.onCommitted();
  }

  #undo(): void {
    if (!this.#isOpen) return;
    if (this.#connection.isTransaction) this.#connection.exec('rollback');
    this.#isOpen = false;
    this.#hooks.onUndone('transaction');
  }

  #setTimer(): void {
    this.#commitTimer ??= setTimeout(() => {
      this.#commitTimer = null;
      void this.#add('read', () => this.#commitOpen());
    }, OPEN_MS);
  }

  #clearTimer(): void {
    if (this.#commitTimer) clearTimeout(this.#commitTimer);
    this.#commitTimer = null;
  }
}

/** Result of a task. */
interface Outcome extends DoneTask {
  readonly kind: Kind;
  readonly isDone: boolean;
  /** Settles the promise of the task. Must be called once its changes are durable. */
  readonly tell: () => void;
}
