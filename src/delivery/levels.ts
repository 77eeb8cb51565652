/** One of those that contend for the next request. */
export interface Contender {
  /** Its requests under way. */
  readonly sending: number;
  readonly isSlow: boolean;
  /** Where it stands; kept by the `Levels` that it is in. */
  level: number;
}

/** Whoever has as many requests under way, or more, shares a level: one word of bits holds all levels. */
const TOP = 30;
const SLOW = 31;
const NOT_SLOW = 0x7fff_ffff;

/**
 * Contenders, those with the fewest requests under way first, and by turns among equals; slow ones apart.
 * Each step costs the same however many there are. `sending` and `isSlow` may change only while one is not in here.
 */
export class Levels<T extends Contender> {
  readonly #rings: Set<T>[] = [];
  /** A bit for each level that is not empty. */
  #occupied = 0;

  add(one: T): void {
    one.level = one.isSlow ? SLOW : Math.min(one.sending, TOP);
    this.#ring(one.level).add(one);
    this.#occupied |= 1 << one.level;
  }

  delete(one: T): void {
    const ring = this.#ring(one.level);
    ring.delete(one);
    if (ring.size === 0) this.#occupied &= ~(1 << one.level);
  }

  /** Lets the next of its level come first, where a level holds some that have less under way. */
  pass(one: T): void {
    if (one.level < TOP) return;
    this.delete(one);
    this.add(one);
  }

  /** The one that is not slow whose turn it is. */
  get swift(): T | null {
    const occupied = this.#occupied & NOT_SLOW;
    return occupied === 0 ? null : this.#firstOf(31 - Math.clz32(occupied & -occupied));
  }

  /** The slow one whose turn it is. */
  get slow(): T | null {
    return this.#occupied >= 0 ? null : this.#firstOf(SLOW);
  }

  #firstOf(level: number): T | null {
    const [first] = this.#ring(level);
    return first ?? null;
  }

  #ring(level: number): Set<T> {
    // Made one after the other, so that the array has no holes.
    while (this.#rings.length <= level) this.#rings.push(new Set());
    return this.#rings[level] as Set<T>;
  }
}
