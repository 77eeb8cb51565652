/** One of those that contend for the next request. */
export interface Contender {
  /** Its requests under way. */
  readonly sending: number;
  /** Whether it is not known to be answered fast. */
  readonly isDoubtful: boolean;
  /** Where it stands; kept by the `Levels` that it is in. */
  level: number;
}

/** Whoever has as many requests under way, or more, shares a level: one word of bits holds all levels. */
const TOP = 30;
const DOUBTFUL = 31;
const NOT_DOUBTFUL = 0x7fff_ffff;

/**
 * Contenders, those with the fewest requests under way first, and by turns among equals; doubtful ones
 * apart. Each step costs the same however many there are. What orders them may change only while they are not in here.
 */
export class Levels<T extends Contender> {
  readonly #rings: Set<T>[] = [];
  /** A bit for each level that is not empty. */
  #occupied = 0;

  add(one: T): void {
    one.level = one.isDoubtful ? DOUBTFUL : Math.min(one.sending, TOP);
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

  /** The one that is not doubtful whose turn it is. */
  get swift(): T | null {
    const occupied = this.#occupied & NOT_DOUBTFUL;
    return occupied === 0 ? null : this.#firstOf(31 - Math.clz32(occupied & -occupied));
  }

  /** The doubtful one whose turn it is. */
  get doubtful(): T | null {
    return this.#occupied >= 0 ? null : this.#firstOf(DOUBTFUL);
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
