import type { StatementSync } from 'node:sqlite';
import { Copier } from './copier.ts';

/**
 * Minimum number of pages in the write-ahead log, of 4 KiB each, at which the log is copied into the database
 * when no call waits. The value stands for 4 MiB.
 */
const IDLE_PAGES = 1_024;
/**
 * Minimum number of pages at which the log is copied even if calls wait. The value stands for 64 MiB. A copy
 * writes each page once, however often the page has changed. So a long log saves writes: with a length of
 * 4 MiB, a commit would cost a fifth to a third more.
 */
const BUSY_PAGES = 16_384;
/**
 * Maximum number of pages that the thread that commits copies itself. Such a copy takes as long as a commit or
 * two, because most of its time is that of its two fsyncs.
 */
const REST_PAGES = 256;
/**
 * Part of the pages before a copy that the copy may leave. A copy leaves what was committed meanwhile, which is
 * much less than it has copied. If it is not, the thread that commits copies the rest, because it commits as
 * fast as the copier copies.
 */
const LEFT_BY_COPY = 3 / 4;

export interface CheckpointsOptions {
  readonly file: string;
  readonly prepare: (sql: string) => StatementSync;
  /** Runs `work` between two transactions. */
  readonly between: <T>(work: () => T) => Promise<T>;
}

/**
 * Copies the write-ahead log into the database when the log is long. The copier does so in a thread of its own,
 * while this thread goes on committing. Then this thread copies what it has committed meanwhile: SQLite begins
 * the log again from its start only if a commit finds all of it copied.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #copier: Copier;
  #copying: Promise<void> | null = null;
  /** Number of pages that the last copies could not copy, because somebody was reading an older state. */
  #kept = 0;
  #isClosed = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#copier = new Copier(options.file);
  }

  /** Starts to copy the log if it is long. Must be called between two transactions. */
  copyIfLong(doCallsWait: boolean): void {
    if (this.#copying || this.#isClosed) return;
    const { log, uncopied } = this.#length();
    const least = doCallsWait ? BUSY_PAGES : IDLE_PAGES;
    // A log that is copied is still long if somebody was reading at the next commit. It is tried again soon.
    const isOverdue = log - uncopied >= least && uncopied >= REST_PAGES;
    if (isOverdue || uncopied >= least + this.#kept) this.#copying = this.#copy();
  }

  /** Ends the copier. Fulfils when no copy is in progress any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#copying;
    await this.#copier.close();
  }

  async #copy(): Promise<void> {
    try {
      for (let left: number | null = Number.POSITIVE_INFINITY; left !== null; ) {
        const most: number = left * LEFT_BY_COPY;
        await this.#copier.copy();
        left = await this.#options.between(() => this.#copyRest(most));
      }
    } finally {
      this.#copying = null;
    }
  }

  /**
   * Copies the rest of the log in this thread if the rest is short, or longer than `most` pages.
   * @returns the number of pages that are left for the copier. `null`: this thread has copied the rest
   */
  #copyRest(most: number): number | null {
    const { uncopied } = this.#length();
    if (uncopied > REST_PAGES && uncopied <= most) return uncopied;
    try {
      if (uncopied > 0) this.#options.prepare('pragma wal_checkpoint(passive)').get();
    } catch {
      // The error is ignored: one that lasts, such as a full disk, also fails the next commit, which reports it.
    }
    this.#kept = this.#length().uncopied;
    return null;
  }

  /** Returns the number of pages in the log, and how many of them are not copied yet. */
  #length(): { log: number; uncopied: number } {
    try {
      const row = this.#options.prepare('pragma wal_checkpoint(noop)').get();
      const { log, checkpointed } = row as { log: number; checkpointed: number };
      return { log, uncopied: log - checkpointed };
    } catch {
      return { log: 0, uncopied: 0 };
    }
  }
}
