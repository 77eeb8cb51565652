/**
 * Minimum milliseconds between two writes of a key's last use, so that a key that is used often does not cost
 * one write per request.
 */
const INTERVAL_MS = 60_000;

/** Decides which uses of API keys are stored as the key's last use: at most one per key and minute. */
export class UsageThrottle {
  /**
   * Time at which a use of each key was last stored, in milliseconds since the epoch, the oldest first.
   * Entries older than `INTERVAL_MS` are dropped.
   */
  readonly #writtenAt = new Map<string, number>();

  get size(): number {
    return this.#writtenAt.size;
  }

  /** Returns whether this use of a key must be stored. If so, the use counts as stored at the time `now`. */
  isDue(id: string, now: number): boolean {
    for (const [old, at] of this.#writtenAt) {
      if (now - at < INTERVAL_MS) break;
      this.#writtenAt.delete(old);
    }
    if (this.#writtenAt.has(id)) return false;
    this.#writtenAt.set(id, now);
    return true;
  }
}
