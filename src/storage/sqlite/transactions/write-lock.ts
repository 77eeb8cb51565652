import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { isLocked } from './storage-error.ts';

/**
 * Milliseconds for which a transaction waits for a lock for which the transaction before it has waited in vain.
 * Short, because the waiting occupies the thread: a hundred calls that each waited for the whole time would be
 * refused one after the other, for minutes.
 */
const LOCKED_TIMEOUT_MS = 50;
/** Milliseconds for which the database is left unlocked after a commit for another process that waits for its lock. */
const UNLOCKED_MS = 2;
/** Minimum milliseconds between two such moments, because they delay what waits for a transaction. */
const UNLOCKED_EVERY_MS = 50;

/** Takes the write lock of a database, which other processes take, too. */
export class WriteLock {
  readonly #connection: DatabaseSync;
  readonly #busyTimeoutMs: number;
  /** Whether the last transaction could not begin, because another process has locked the database. */
  #isLocked = false;
  #committedAt = Number.NEGATIVE_INFINITY;
  /** When the database was last unlocked for `UNLOCKED_MS`. */
  #unlockedAt = Number.NEGATIVE_INFINITY;

  /** @param busyTimeoutMs milliseconds for which a transaction waits for a lock of another process */
  constructor(connection: DatabaseSync, busyTimeoutMs: number) {
    this.#connection = connection;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  /**
   * Begins a transaction with the lock. Asks for it every millisecond, because another process that commits all the time
   * leaves the database unlocked for moments only.
   * @param leavesUnlocked whether other processes get such moments, because transactions stay open for long
   */
  async begin({ leavesUnlocked }: { readonly leavesUnlocked: boolean }): Promise<void> {
    if (leavesUnlocked) await this.#leaveUnlocked();
    const timeoutMs = this.#isLocked ? Math.min(LOCKED_TIMEOUT_MS, this.#busyTimeoutMs) : this.#busyTimeoutMs;
    this.#connection.exec('pragma busy_timeout = 0');
    try {
      const endAt = performance.now() + timeoutMs;
      while (!this.#tryBegin(performance.now() >= endAt)) await delay(1);
    } finally {
      this.#connection.exec(`pragma busy_timeout = ${this.#busyTimeoutMs}`);
    }
    this.#isLocked = false;
  }

  /** Must be called when the transaction was committed. */
  noteCommitted(): void {
    this.#committedAt = performance.now();
  }

  /** Returns false when another process has the lock. @param isLast whether that is an error */
  #tryBegin(isLast: boolean): boolean {
    try {
      this.#connection.exec('begin immediate');
      return true;
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (!isLast) return false;
      this.#isLocked = true;
      throw error;
    }
  }

  /** Leaves the database unlocked for a moment after a commit, in which another process can take the lock. */
  async #leaveUnlocked(): Promise<void> {
    const now = performance.now();
    if (now - this.#unlockedAt < UNLOCKED_EVERY_MS) return;
    const leftMs = this.#committedAt + UNLOCKED_MS - now;
    if (leftMs > 0) await delay(leftMs);
    this.#unlockedAt = performance.now();
  }
}
