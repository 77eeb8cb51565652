import { FairQueue } from './fair-queue.ts';

/**
 * Maximum number of calls of accounts that are in the hands of the storage. They share a commit, and a call of
 * the hot path that arrives meanwhile waits for them: each takes less than half a millisecond, and an fsync, and twenty times a second 2 ms more.
 */
const MOST_AT_ONCE = 8;
/** Maximum number of calls of one account that are in the hands of the storage. */
const MOST_OF_ACCOUNT = 4;
/** Maximum number of calls of one account that wait. */
const MOST_WAITING = 1_000;
/** Time that a call counts for, in milliseconds. All calls count the same. */
const CALL_MS = 1;

/**
 * Hands calls to the storage that commits. Calls of the service itself, such as the commits of events, are
 * handed over at once. Calls of accounts wait for their turns, so that an account with a thousand changes
 * delays neither the hot path nor the changes of other accounts.
 */
export class WriteTurns {
  readonly #queue = new FairQueue<() => Promise<void>>({
    share: 1,
    burstMs: Number.POSITIVE_INFINITY,
    mostWaiting: MOST_WAITING,
  });
  /** Number of calls in the hands of the storage, by account. */
  readonly #running = new Map<string | null, number>();
  #count = 0;
  #onIdle: () => void = () => undefined;

  /** @throws ServiceError `rate_limited` when too many calls of the account wait */
  run(account: string | null, work: () => Promise<void>): void {
    if (account === null) void work();
    else {
      this.#queue.add(account, work);
      this.#begin();
    }
  }

  /** Fulfils when no call of an account is running or waiting. */
  async close(): Promise<void> {
    if (this.#count === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    await promise;
  }

  #begin(): void {
    while (this.#count < MOST_AT_ONCE) {
      const now = performance.now();
      const mayTake = (account: string | null) => this.#runningOf(account) < MOST_OF_ACCOUNT;
      const next = this.#queue.take(now, mayTake);
      if (!next) break;
      const { account, task } = next;
      this.#queue.charge(account, CALL_MS, now);
      this.#note(account, 1);
      void task().finally(() => {
        this.#note(account, -1);
        this.#begin();
        if (this.#count === 0) this.#onIdle();
      });
    }
  }

  #runningOf(account: string | null): number {
    return this.#running.get(account) ?? 0;
  }

  #note(account: string | null, change: 1 | -1): void {
    this.#count += change;
    const running = this.#runningOf(account) + change;
    if (running === 0) this.#running.delete(account);
    else this.#running.set(account, running);
  }
}
