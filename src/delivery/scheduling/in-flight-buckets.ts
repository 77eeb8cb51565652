import { LinkedList, type ListNode } from '../../platform/linked-list.ts';

/** One of those that contend for the next request. */
export interface Contender<T> {
  /** Its requests under way. */
  readonly inFlight: number;
  /** Whether it is not known to be answered fast. */
  readonly isSuspect: boolean;
  /** Where it stands; kept by the `Levels` that it is in. */
  bucket: number;
  /** Where it stands there. */
  readonly link: ListNode<T>;
}

/** Whoever has as many requests under way, or more, shares a level: one word of bits holds all levels. */
const TOP = 30;
const DOUBTFUL = 31;
const NOT_DOUBTFUL = 0x7fff_ffff;

/**
 * Contenders, those with the fewest requests under way first, and by turns among equals; doubtful ones
 * apart. Each step costs the same however many there are. What orders them may change only while they are not in here.
 */
export class InFlightBuckets<T extends Contender<T>> {
  readonly #rings: LinkedList<T>[] = [];
  /** A bit for each level that is not empty. */
  #occupied = 0;

  add(one: T): void {
    one.bucket = one.isSuspect ? DOUBTFUL : Math.min(one.inFlight, TOP);
    this.#ring(one.bucket).add(one.link);
    this.#occupied |= 1 << one.bucket;
  }

  delete(one: T): void {
    const ring = this.#ring(one.bucket);
    ring.delete(one.link);
    if (ring.first === null) this.#occupied &= ~(1 << one.bucket);
  }

  /** Lets the next of its level come first, where a level holds some that have less under way. */
  rotate(one: T): void {
    if (one.bucket < TOP) return;
    this.delete(one);
    this.add(one);
  }

  /** The one that is not doubtful whose turn it is. */
  get nextHealthy(): T | null {
    const occupied = this.#occupied & NOT_DOUBTFUL;
    return occupied === 0 ? null : this.#ring(31 - Math.clz32(occupied & -occupied)).first;
  }

  /** The doubtful one whose turn it is. */
  get nextSuspect(): T | null {
    return this.#occupied >= 0 ? null : this.#ring(DOUBTFUL).first;
  }

  #ring(level: number): LinkedList<T> {
    // Made one after the other, so that the array has no holes.
    while (this.#rings.length <= level) this.#rings.push(new LinkedList());
    return this.#rings[level] as LinkedList<T>;
  }
}
