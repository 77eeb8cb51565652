/** Runs work with the same key one after another, and work with different keys at the same time. */
export class KeyedMutex {
  /** Last work of each key, until it has ended. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` after all earlier work with this key, whether that succeeded or failed. Settles as `work` does. */
  runExclusive<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const ended = result
      .catch(() => undefined)
      .then(() => {
        if (this.#last.get(key) === ended) this.#last.delete(key);
      });
    this.#last.set(key, ended);
    return result;
  }
}
