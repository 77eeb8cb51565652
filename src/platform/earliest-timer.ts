export interface EarliestTimerOptions {
  /** Returns the current time of the clock by which the timer is set. The clock must not jump. */
  readonly now: () => number;
  readonly onTime: () => void;
}

/** Maximum delay of a timer, in milliseconds. Node fires a timer with a longer delay after 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `onTime` once, at the earliest of the times that were set. Later times are forgotten, so there is
 * only one timer. If the earliest time is further away than `MAX_TIMER_MS`, `onTime` is called after
 * `MAX_TIMER_MS`, which is too early.
 */
export class EarliestTimer {
  readonly #options: EarliestTimerOptions;
  #timer: NodeJS.Timeout | null = null;
  #at = Number.POSITIVE_INFINITY;

  constructor(options: EarliestTimerOptions) {
    this.#options = options;
  }

  /**
   * Sets the timer to `at`, a time of the clock `now`, unless the timer is already set to an earlier
   * time.
   */
  set(at: number): void {
    if (at >= this.#at) return;
    this.clear();
    const { now, onTime } = this.#options;
    this.#at = at;
    const delay = Math.min(Math.max(0, at - now()), MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.clear();
      onTime();
    }, delay);
  }

  clear(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#at = Number.POSITIVE_INFINITY;
  }
}
