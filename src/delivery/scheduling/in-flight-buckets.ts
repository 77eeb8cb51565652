import { type Link, Ring } from '../../platform/linked-list.ts';

/** One of those that contend for the next request. */
export interface Contender<T> {
  /** Its requests under way. */
  readonly sending: number;
  /** Whether it is not known to be answered fast. */
  readonly isDoubtful: boolean;
  /** Where it stands; kept by the `Levels` that it is in. */
  level: number;
  /** Where it stands there. */
  readonly link: Link<T>;
}

/** Whoever has as many requests under way, or more, shares a level: one word of bits holds all levels. */
const TOP = 30;
const DOUBTFUL = 31;
const NOT_DOUBTFUL = 0x7fff_ffff;

/**
 * Contenders, those with the fewest requests under way first, and by turns among equals; doubtful ones
 * apart. Each step costs the same however many there are. What orders them may change only while they are not in here.
 */
export class Levels<T extends Contender<T>> {
  readonly #rings: Ring<T>[] = [];
  /** A bit for each level that is not empty. */
  #occupied = 0;

  add(one: T): void {
    one.level = one.isDoubtful ? DOUBTFUL : Math.min(one.sending, TOP);
    this.#ring(one.level).add(one.link);
    this.#occupied |= 1 << one.level;
  }

  delete(one: T): void {
    const ring = this.#ring(one.level);
    ring.delete(one.link);
    if (ring.first === null) this.#occupied &= ~(1 << one.level);
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
    return occupied === 0 ? null : this.#ring(31 - Math.clz32(occupied & -occupied)).first;
  }

  /** The doubtful one whose turn it is. */
  get doubtful(): T | null {
    return this.#occupied >= 0 ? null : this.#ring(DOUBTFUL).first;
  }

  #ring(level: number): Ring<T> {
    // Made one after the other, so that the array has no holes.
    while (this.#rings.length <= level) this.#rings.push(new Ring());
    return this.#rings[level] as Ring<T>;
  }
}
