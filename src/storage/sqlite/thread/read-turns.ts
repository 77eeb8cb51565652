import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../../domain/errors.ts';
import { FairQueue, type Taken } from './fair-queue.ts';

/**
 * Maximum part of a processor's time that the reads of one account may use in the long run. The limit also bounds the work
 * of the main thread, which makes JSON of what was read.
 */
const SHARE = 1 / 4;
/** Milliseconds of a processor's time that an account may use at once. */
const BURST_MS = 250;
/** Maximum number of reads of one account that wait. */
const MOST_WAITING = 1_000;
/** Milliseconds of uninterrupted work after which the reader rests. */
const REST_AFTER_MS = 20;
/**
 * Milliseconds for which the reader rests. A checkpoint of the write-ahead log copies everything only while
 * no statement of an older state is running. Without rests, a busy reader would let the log grow without end.
 */
const REST_MS = 2;

/**
 * Maximum milliseconds of a step that the kernel counts after the end of the step. It counts the time of a thread at each
 * tick of its clock, and when the thread pauses. Of a step of a millisecond, it has often counted nothing when the step
 * ends. A tick comes at least every 10 ms.
 */
const MOST_UNSEEN_MS = 10;

/** Called at the beginning of a step. Returns a function that is called at its end. */
export type BeginStep = () => () => void;

/**
 * Carries out reads in steps, one step after another. Between two steps, reads of other accounts have their
 * turns. A read is one step, unless it calls `pause`.
 */
export class ReadTurns {
  readonly #beginStep: BeginStep;
  readonly #queue = new FairQueue<() => void>({
    share: SHARE,
    burstMs: BURST_MS,
    mostWaiting: MOST_WAITING,
  });
  /** The account whose step is running. */
  #account: string | null = null;
  #endStep: () => void = () => undefined;
  #working: Promise<void> | null = null;
  /** Ends the wait for a task that may begin. */
  #wake: () => void = () => undefined;
  #isClosing = false;
  /** Milliseconds of a processor's time that this thread had used when they were last charged for. */
  #chargedMs: number;
  readonly #usedMs: () => number;

  /**
   * @param usedMs returns the milliseconds of a processor's time that the thread has used, as far as the kernel has counted
   * them; only tests pass another function
   */
  constructor(beginStep: BeginStep, usedMs = threadMs) {
    this.#beginStep = beginStep;
    this.#usedMs = usedMs;
    this.#chargedMs = usedMs();
  }

  /** @throws ServiceError `rate_limited` when too many reads of the account wait */
  run(account: string | null, work: () => Promise<void>): void {
    this.#queue.add(account, () => void work().finally(() => this.#endStep()));
    this.#wake();
    this.#working ??= this.#work();
  }

  /**
   * Ends the present step. Fulfils when the account has its next turn. Only the work of a step may call this
   * method.
   * @throws ServiceError `unavailable` when the reader is being closed, so that no long read delays the end
   */
  pause(): Promise<void> {
    if (this.#isClosing) return Promise.reject(new ServiceError('unavailable', 'the service is stopping'));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue.addAgain(this.#account, resolve);
    this.#endStep();
    return promise;
  }

  /** Fulfils when no read is running or waiting. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#queue.liftShares();
    this.#wake();
    while (this.#working) await this.#working;
  }

  async #work(): Promise<void> {
    // Lets the event loop receive messages from other threads that have already arrived.
    await nextTurn();
    let busySince = performance.now();
    for (;;) {
      this.#charge(MOST_UNSEEN_MS);
      const next = this.#queue.take(performance.now());
      if (next) {
        await this.#step(next);
        if (performance.now() - busySince < REST_AFTER_MS) await nextTurn();
        else {
          await delay(REST_MS);
          busySince = performance.now();
        }
        continue;
      }
      const waitMs = this.#queue.untilNextMs(performance.now());
      if (waitMs === null) break;
      await this.#untilWoken(waitMs);
      busySince = performance.now();
    }
    this.#working = null;
  }

  async #step({ account, task }: Taken<() => void>): Promise<void> {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    this.#account = account;
    this.#endStep = resolve;
    this.#chargedMs = this.#usedMs();
    const endStep = this.#beginStep();
    task();
    await ended;
    endStep();
    this.#charge();
  }

  /**
   * Charges the account of the last step for what this thread has used since the last call. Only the processor's time
   * counts, because other processes must not use up the share of an account.
   */
  #charge(mostMs = Number.POSITIVE_INFINITY): void {
    const used = this.#usedMs();
    this.#queue.charge(this.#account, Math.min(mostMs, used - this.#chargedMs), performance.now());
    this.#chargedMs = used;
  }

  /** Waits for `ms` milliseconds, or until `#wake` is called. */
  #untilWoken(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
