interface WaitingEncode {
  readonly priority: number;
  readonly enter: () => void;
}

/**
 * Limits the number of encodes that run at the same time. Waiting encodes start by priority, the lowest
 * number first. Encodes with the same priority start in the order of their arrival. Each media has a priority
 * of its own, so that the encodes of one media start before those of the next media.
 */
export class EncoderSlots {
  readonly #waiting: WaitingEncode[] = [];
  readonly #count: number;
  #free: number;

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** Number of encodes that are running. */
  get running(): number {
    return this.#count - this.#free;
  }

  /** Number of encodes that wait for a slot. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs `work` once a slot is free. Rejects with the signal's reason if the signal is aborted before `work`
   * starts.
   */
  async run<T>(priority: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#enter(priority, signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(priority: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiting: WaitingEncode = {
        priority,
        enter: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      const behind = this.#waiting.findIndex((other) => other.priority > priority);
      this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, waiting);
    });
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next.enter();
    else this.#free += 1;
  }
}
