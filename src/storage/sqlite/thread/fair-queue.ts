import { ServiceError } from '../../../domain/errors.ts';
import { TimeShare, type TimeShareOptions } from '../../../platform/shares/time-share.ts';

/** A share of `1` means that an account may use all of the time while no other account waits. */
export interface FairQueueOptions extends TimeShareOptions {
  /** Maximum number of tasks of one account that wait. */
  readonly mostWaiting: number;
}

/** Tasks of one account that wait. */
interface Waiting<Task> {
  /** Tasks that have not begun. They come first, so that a short task never waits for the end of a long one. */
  readonly fresh: Task[];
  /** Tasks that have begun and paused, oldest first. */
  readonly begun: Task[];
}

export interface Taken<Task> {
  readonly account: string | null;
  readonly task: Task;
}

/** Seconds after which a client should repeat a request that was refused. */
const RETRY_AFTER_S = 1;

/**
 * Tasks that wait for their turn. The account comes first whose used time is paid off first. The account `null` is the
 * service itself: it takes turns like any other, but neither its share nor the number of its tasks is limited.
 */
export class FairQueue<Task> {
  readonly #options: FairQueueOptions;
  readonly #waiting = new Map<string | null, Waiting<Task>>();
  readonly #used: TimeShare<string | null>;
  #areSharesLimited = true;

  constructor(options: FairQueueOptions) {
    this.#options = options;
    this.#used = new TimeShare(options);
  }

  /** Adds a task. @throws ServiceError `rate_limited` when too many tasks of the account wait */
  add(account: string | null, task: Task): void {
    const waiting = this.#of(account);
    const count = waiting.fresh.length + waiting.begun.length;
    if (account !== null && count >= this.#options.mostWaiting) {
      throw new ServiceError(
        'rate_limited',
        `too many requests of this account wait for the database: the limit is ${this.#options.mostWaiting}; retry in ${RETRY_AFTER_S} s`,
        { retryAfterS: RETRY_AFTER_S },
      );
    }
    waiting.fresh.push(task);
  }

  /** Adds a task that has begun and paused. */
  addAgain(account: string | null, task: Task): void {
    this.#of(account).begun.push(task);
  }

  /**
   * Removes and returns the next task. `null`: no task may begin now.
   * @param mayTake returns whether a task of this account may begin, apart from its share
   */
  take(now: number, mayTake: (account: string | null) => boolean = () => true): Taken<Task> | null {
    let next: string | null | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const account of this.#waiting.keys()) {
      if (this.#untilAllowedMs(account, now) > 0 || !mayTake(account)) continue;
      const paidAt = this.#used.paidAt(account, now);
      if (paidAt >= least) continue;
      next = account;
      least = paidAt;
    }
    return next === undefined ? null : this.#takeOf(next);
  }

  /** Returns the milliseconds until the share of some account allows its next task. `null`: no task waits. */
  untilNextMs(now: number): number | null {
    let least = Number.POSITIVE_INFINITY;
    for (const account of this.#waiting.keys()) {
      least = Math.min(least, this.#untilAllowedMs(account, now));
    }
    return this.#waiting.size === 0 ? null : least;
  }

  /** Allows every account to use all of the time from now on. */
  liftShares(): void {
    this.#areSharesLimited = false;
  }

  /** Number of accounts whose used time is remembered. */
  get remembered(): number {
    return this.#used.remembered;
  }

  /** Notes that an account has used `ms` milliseconds. */
  charge(account: string | null, ms: number, now: number): void {
    this.#used.charge(account, ms, now);
  }

  #of(account: string | null): Waiting<Task> {
    return this.#waiting.getOrInsertComputed(account, () => ({ fresh: [], begun: [] }));
  }

  /** Takes a task of the account, and moves the account behind all others with the same used time. */
  #takeOf(account: string | null): Taken<Task> {
    const waiting = this.#of(account);
    const task = (waiting.fresh.length > 0 ? waiting.fresh : waiting.begun).shift() as Task;
    this.#waiting.delete(account);
    if (waiting.fresh.length + waiting.begun.length > 0) this.#waiting.set(account, waiting);
    return { account, task };
  }

  #untilAllowedMs(account: string | null, now: number): number {
    if (account === null || !this.#areSharesLimited) return 0;
    return this.#used.untilAllowedMs(account, now);
  }
}
