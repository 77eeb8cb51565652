export interface TimeShareOptions {
  /** Maximum part of the time that one owner may use in the long run. */
  readonly share: number;
  /** Milliseconds that an owner may use at once, before its share limits it. */
  readonly burstMs: number;
}

/** Number of owners whose used time is remembered before those that have paid it off are forgotten. */
const TIDY_AT = 1_000;

/**
 * Knows, for each owner, the time until which its use is paid off, if its share pays it off (the generic cell rate
 * algorithm, ITU-T I.371). `now` is always in milliseconds of one monotonic clock.
 */
export class TimeShare<Owner> {
  readonly #options: TimeShareOptions;
  readonly #paidAt = new Map<Owner, number>();

  constructor(options: TimeShareOptions) {
    this.#options = options;
  }

  /** Notes that an owner has used `ms` milliseconds. */
  charge(owner: Owner, ms: number, now: number): void {
    if (this.#paidAt.size > TIDY_AT) this.#tidy(now);
    this.#paidAt.set(owner, this.paidAt(owner, now) + ms / this.#options.share);
  }

  /** Returns when the used time of an owner is paid off; `now`, if it is already. */
  paidAt(owner: Owner, now: number): number {
    return Math.max(now, this.#paidAt.get(owner) ?? 0);
  }

  /** Returns the milliseconds until the share of an owner allows further use. */
  untilAllowedMs(owner: Owner, now: number): number {
    const { burstMs, share } = this.#options;
    return Math.max(0, this.paidAt(owner, now) - now - burstMs / share);
  }

  /** Number of owners whose used time is remembered. */
  get remembered(): number {
    return this.#paidAt.size;
  }

  #tidy(now: number): void {
    for (const [owner, paidAt] of this.#paidAt) if (paidAt <= now) this.#paidAt.delete(owner);
  }
}
