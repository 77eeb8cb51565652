import { LinkedList, type ListNode } from '../../platform/linked-list.ts';

/** A queue that competes for the next request. */
export interface Contender<T> {
  /** Requests in flight of the contender. */
  readonly inFlight: number;
  /** Whether the contender is not known to be answered fast. */
  readonly isSuspect: boolean;
  /** Number of the bucket. Written by the `InFlightBuckets` that contain the contender. */
  bucket: number;
  /** Position within the bucket. */
  readonly node: ListNode<T>;
}

/** Contenders with 30 or more requests in flight share this bucket, so that one 32-bit word indexes all buckets. */
const LAST_HEALTHY_BUCKET = 30;
const SUSPECT_BUCKET = 31;
const HEALTHY_BITS = 0x7fff_ffff;

/**
 * Contenders in buckets by their number of requests in flight; suspect ones have a bucket of their own. Within a bucket
 * the order is round robin. Every operation is O(1). A contender's `inFlight` and `isSuspect` may only change while it
 * is in no bucket.
 */
export class InFlightBuckets<T extends Contender<T>> {
  readonly #buckets: LinkedList<T>[] = [];
  /** Set of the buckets that are not empty, with one bit for each. */
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
   * Moves a contender to the end of a bucket whose contenders may differ in `inFlight`, so that another one is next.
   */
  rotate(contender: T): void {
    if (contender.bucket < LAST_HEALTHY_BUCKET) return;
    this.delete(contender);
    this.add(contender);
  }

  /** First contender of the lowest bucket that is not suspect. */
  get nextHealthy(): T | null {
    const occupied = this.#occupied & HEALTHY_BITS;
    return occupied === 0 ? null : this.#bucket(31 - Math.clz32(occupied & -occupied)).first;
  }

  /** First suspect contender. */
  get nextSuspect(): T | null {
    return this.#occupied >= 0 ? null : this.#bucket(SUSPECT_BUCKET).first;
  }

  #bucket(number: number): LinkedList<T> {
    // Created in order, so that the array has no holes.
    while (this.#buckets.length <= number) this.#buckets.push(new LinkedList());
    return this.#buckets[number] as LinkedList<T>;
  }
}
