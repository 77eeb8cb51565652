export interface KeyedLimitOptions {
  /** Maximum number of pieces of work that run at once for one key. */
  readonly perKey: number;
  /** Maximum number of pieces of work that run at once for all keys together. */
  readonly total: number;
}

/**
 * Limits how many pieces of work run at once, for each key and in total. It never lets work wait: the caller
 * refuses what has no room.
 */
export class KeyedLimit {
  readonly #options: KeyedLimitOptions;
  readonly #running = new Map<string, number>();
  #total = 0;

  constructor(options: KeyedLimitOptions) {
    this.#options = options;
  }

  /** Returns the limit that work for `key` has reached. `null`: there is room. */
  reached(key: string): 'key' | 'total' | null {
    const { perKey, total } = this.#options;
    if ((this.#running.get(key) ?? 0) >= perKey) return 'key';
    return this.#total >= total ? 'total' : null;
  }

  /** Runs `work`, and counts it until it ends. Must be called only if `reached` returns `null`. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.#count(key, 1);
    try {
      return await work();
    } finally {
      this.#count(key, -1);
    }
  }

  #count(key: string, by: 1 | -1): void {
    const running = (this.#running.get(key) ?? 0) + by;
    if (running === 0) this.#running.delete(key);
    else this.#running.set(key, running);
    this.#total += by;
  }
}
