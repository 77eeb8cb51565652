/** Runs functions with the same key one after another, and functions with different keys at the same time. */
export class KeyedMutex {
  /** For each key, a promise that fulfils when the function that was added last has ended. */
  readonly #last = new Map<string, Promise<unknown>>();

  /**
   * Calls `work` when all earlier functions with this key have ended, successfully or not. Returns the result
   * of `work`.
   */
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
