/** Uses of keys are noted this often at the most, so that a busy key costs no write a request. */
const NOTE_EVERY_MS = 60_000;

/** Which keys' uses were noted within the last minute; forgets the others. */
export class UsageThrottle {
  /** When a use was noted last, in milliseconds since the epoch; the oldest first. */
  readonly #notedAt = new Map<string, number>();

  get size(): number {
    return this.#notedAt.size;
  }

  /** Whether this use of a key is to be noted. If so, it is taken for noted. */
  isDue(id: string, now: number): boolean {
    for (const [old, at] of this.#notedAt) {
      if (now - at < NOTE_EVERY_MS) break;
      this.#notedAt.delete(old);
    }
    if (this.#notedAt.has(id)) return false;
    this.#notedAt.set(id, now);
    return true;
  }
}
