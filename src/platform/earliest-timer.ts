export interface EarliestTimerOptions {
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
  readonly onTime: () => void;
}

/** Maximum delay of a timer, in milliseconds. Node fires a timer with a longer delay after 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `onTime` at the earliest of the times that were set, and forgets the later ones. There is one timer
 * for all of them. If the time is further away than `MAX_TIMER_MS`, `onTime` is called too early.
 */
export class EarliestTimer {
  readonly #options: EarliestTimerOptions;
  #timer: NodeJS.Timeout | null = null;
  #at = Number.POSITIVE_INFINITY;

  constructor(options: EarliestTimerOptions) {
    this.#options = options;
  }

  /** Sets the timer to `at`, in milliseconds since the epoch, unless it is set to an earlier time. */
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
