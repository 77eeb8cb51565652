import { LinkedList, type ListNode } from '../../platform/linked-list.ts';

/** Queue of one webhook that competes with other queues for sending the next request. */
export interface Contender<T> {
  /** Number of requests in flight of the contender. */
  readonly inFlight: number;
  /** Whether the contender is suspect, which means that its receiver might be slow. */
  readonly isSuspect: boolean;
  /** Number of the bucket that contains the contender. Only `InFlightBuckets` writes this field. */
  bucket: number;
  /** Node of the contender in the linked list of its bucket. */
  readonly node: ListNode<T>;
}

/**
 * Number of the bucket for all contenders with 30 or more requests in flight. These contenders share one
 * bucket, so that a 32-bit word has one bit for each bucket.
 */
const LAST_HEALTHY_BUCKET = 30;
const SUSPECT_BUCKET = 31;
const HEALTHY_BITS = 0x7fff_ffff;

/**
 * Contenders, grouped into buckets by their number of requests in flight. Suspect contenders are in a
 * separate bucket. Within a bucket, the order is round robin. Every operation is O(1). The `inFlight` and
 * `isSuspect` of a contender must not change while the contender is in a bucket.
 */
export class InFlightBuckets<T extends Contender<T>> {
  readonly #buckets: LinkedList<T>[] = [];
  /** Bit set of the buckets that are not empty. Bit n stands for bucket n. */
  #occupied = 0;

  get isEmpty(): boolean {
    return this.#occupied === 0;
  }

  add(contender: T): void {
    contender.bucket = contender.isSuspect
      ? SUSPECT_BUCKET
      : Math.min(contender.inFlight, LAST_HEALTHY_BUCKET);
    this.#bucket(contender.bucket).add(contender.node);
    this.#occupied |= 1 << contender.bucket;
  }

  delete(contender: T): void {
    const bucket = this.#bucket(contender.bucket);
    bucket.delete(contender.node);
    if (bucket.first === null) this.#occupied &= ~(1 << contender.bucket);
  }

  /**
   * Moves a contender to the end of its bucket, so that another contender is next. Does nothing in the
   * buckets 0 to 29. All contenders of such a bucket have the same number of requests in flight. If a limit
   * stops one of them, the limit stops all of them.
   */
  rotate(contender: T): void {
    if (contender.bucket < LAST_HEALTHY_BUCKET) return;
    this.delete(contender);
    this.add(contender);
  }

  /**
   * First contender of the lowest bucket that is not empty; the bucket of suspect contenders is ignored.
   * `null`: every contender is suspect.
   */
  get nextHealthy(): T | null {
    const occupied = this.#occupied & HEALTHY_BITS;
    return occupied === 0 ? null : this.#bucket(31 - Math.clz32(occupied & -occupied)).first;
  }

  /** First suspect contender. `null`: no contender is suspect. */
  get nextSuspect(): T | null {
    return this.#occupied >= 0 ? null : this.#bucket(SUSPECT_BUCKET).first;
  }

  #bucket(number: number): LinkedList<T> {
    // Also creates all lower buckets, so that the array has no holes.
    while (this.#buckets.length <= number) this.#buckets.push(new LinkedList());
    return this.#buckets[number] as LinkedList<T>;
  }
}
