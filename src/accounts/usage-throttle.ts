/**
 * Minimum milliseconds between two writes of a key's last use, so that a key that is used often does not cost
 * one write per request.
 */
const INTERVAL_MS = 60_000;

/** Decides which uses of API keys are stored as the key's last use: at most one per key and minute. */
export class UsageThrottle {
  /**
   * For each key's id, the time of a monotonic clock at which the last stored use happened. The oldest times
   * come first. Entries older than `INTERVAL_MS` are deleted.
   */
  readonly #writtenAt = new Map<string, number>();

  get size(): number {
    return this.#writtenAt.size;
  }

  /**
   * Returns whether this use of a key must be stored. If the result is true, the method remembers this use as
   * stored.
   * @param now milliseconds of a monotonic clock
   */
  isDue(id: string, now: number): boolean {
    for (const [old, at] of this.#writtenAt) {
      if (now - at < INTERVAL_MS) break;
      this.#writtenAt.delete(old);
    }
    if (this.#writtenAt.has(id)) return false;
    this.#writtenAt.set(id, now);
    return true;
  }

  /** Must be called when a use could not be stored. The next use of the key is then due. */
  forget(id: string): void {
    this.#writtenAt.delete(id);
  }
}
