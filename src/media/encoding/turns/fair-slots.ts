/** Work that waits for a slot, or asks for one. */
export interface Turn {
  /** Account that the work is done for. */
  readonly account: string;
  /**
   * Among the work of one account, the lowest number gets a slot first. Work with the same number gets slots
   * in the order of its arrival.
   */
  readonly priority: number;
  /** Aborting this signal ends the wait for a slot. */
  readonly signal: AbortSignal;
}

export interface FairSlotsOptions {
  /** Maximum number of tasks that run at the same time. */
  readonly count: number;
  /** Maximum number of tasks of one account that run at the same time. Default: `count`. */
  readonly perAccount?: number;
  /** Returns the current time in milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

interface WaitingTask {
  readonly priority: number;
  /** Called with the time at which the task got its slot. */
  readonly enter: (at: number) => void;
}

/** Use of the slots by one account. */
interface Share {
  /** Milliseconds that the tasks of the account which have ended occupied slots. */
  usedMs: number;
  /** Start times of the tasks that are running. */
  readonly running: number[];
  /** Tasks that wait, in the order in which they get slots. */
  readonly waiting: WaitingTask[];
}

/**
 * Limits the number of tasks that run at the same time, and shares the slots between accounts. A free slot
 * goes to the waiting account that has occupied slots for the shortest time. An account with one short task
 * therefore waits for at most the tasks that are running, however many tasks another account has queued, and
 * two accounts with long queues get the same time.
 *
 * An account that comes back after a pause is treated as if it had used as much as the account that was
 * served last, so that nobody can save up time. This is start-time fair queueing (Goyal et al. 1996), with
 * the measured duration of a task as its cost.
 */
export class FairSlots {
  readonly #shares = new Map<string, Share>();
  readonly #count: number;
  readonly #perAccount: number;
  readonly #now: () => number;
  /** Time used by the account that was served last, when it was served. */
  #virtualMs = 0;
  #running = 0;
  #waiting = 0;

  constructor({ count, perAccount = count, now = () => performance.now() }: FairSlotsOptions) {
    this.#count = count;
    this.#perAccount = perAccount;
    this.#now = now;
  }

  /** Number of tasks that are running. */
  get running(): number {
    return this.#running;
  }

  /** Number of tasks that wait for a slot. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Runs `work` once a slot is free. Rejects with the signal's reason if the signal is aborted before `work`
   * starts.
   */
  async run<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
    turn.signal.throwIfAborted();
    const share = this.#shareOf(turn.account);
    const startedAt = await this.#enter(share, turn);
    try {
      return await work();
    } finally {
      this.#leave(share, startedAt);
    }
  }

  /** Waits for a slot. Returns the time at which the slot was given. */
  #enter(share: Share, { priority, signal }: Turn): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const task: WaitingTask = {
      priority,
      enter: (at) => {
        signal.removeEventListener('abort', giveUp);
        resolve(at);
      },
    };
    const giveUp = () => {
      share.waiting.splice(share.waiting.indexOf(task), 1);
      this.#waiting -= 1;
      reject(signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    const behind = share.waiting.findIndex((other) => other.priority > priority);
    share.waiting.splice(behind === -1 ? share.waiting.length : behind, 0, task);
    this.#waiting += 1;
    this.#startNext();
    return promise;
  }

  #leave(share: Share, startedAt: number): void {
    share.running.splice(share.running.indexOf(startedAt), 1);
    share.usedMs += this.#now() - startedAt;
    this.#running -= 1;
    this.#startNext();
    this.#forgetIdle();
  }

  #startNext(): void {
    while (this.#running < this.#count) {
      const share = this.#next();
      const task = share?.waiting.shift();
      if (!share || !task) return;
      const at = this.#now();
      this.#virtualMs = Math.max(this.#virtualMs, this.#usedBy(share));
      share.running.push(at);
      this.#running += 1;
      this.#waiting -= 1;
      task.enter(at);
    }
  }

  /**
   * Returns the account that gets the next slot. Of accounts that have used the same time, it is the one whose
   * work has the lowest number.
   */
  #next(): Share | undefined {
    let next: Share | undefined;
    for (const share of this.#shares.values()) {
      if (share.waiting.length === 0 || share.running.length >= this.#perAccount) continue;
      if (!next || this.#order(share, next) < 0) next = share;
    }
    return next;
  }

  #order(a: Share, b: Share): number {
    const [first, second] = [a, b].map(({ waiting }) => waiting[0]?.priority ?? 0) as [number, number];
    return this.#usedBy(a) - this.#usedBy(b) || first - second;
  }

  /** Returns the time that an account has used, running tasks included. */
  #usedBy({ usedMs, running }: Share): number {
    const now = this.#now();
    return running.reduce((sum, startedAt) => sum + now - startedAt, usedMs);
  }

  #shareOf(account: string): Share {
    const known = this.#shares.get(account);
    const share = known ?? { usedMs: 0, running: [], waiting: [] };
    if (share.running.length + share.waiting.length === 0) {
      share.usedMs = Math.max(share.usedMs, this.#virtualMs);
    }
    if (!known) this.#shares.set(account, share);
    return share;
  }

  /** Forgets the accounts whose past makes no difference any more, so that the memory stays bounded. */
  #forgetIdle(): void {
    const isQuiet = this.#running + this.#waiting === 0;
    for (const [account, { usedMs, running, waiting }] of this.#shares) {
      const isIdle = running.length + waiting.length === 0;
      if (isIdle && (isQuiet || usedMs <= this.#virtualMs)) this.#shares.delete(account);
    }
  }
}
