import { randomBytes } from 'node:crypto';
import type { Rate } from '../../config/parsers/rate.ts';

/**
 * Number of buckets in one set. A hash of the key selects the set, and the key can use any bucket of the set.
 */
const WAYS = 4;
/** Number of sets. All sets together have 16,384 buckets of 12 bytes each. */
const SETS = 4_096;
/** Milliseconds that times computed from a clock may be off, because fractions of milliseconds are rounded. */
const ROUNDING_MS = 1e-3;

/**
 * Token buckets, one per key, in a fixed amount of memory. Each bucket consists of two numbers: a hash that
 * identifies its key, and the time at which the bucket will be full again (the generic cell rate algorithm,
 * ITU-T I.371). No object is created for a request.
 *
 * If more keys are active than there are buckets, a new key replaces the fullest bucket of its set, because
 * that bucket holds the least information. A key is identified by 32 + 12 bits of seeded hashes. Keys with
 * equal hashes share a bucket.
 */
export class RateMeter {
  readonly #intervalMs: number;
  readonly #windowMs: number;
  readonly #marks = new Int32Array(SETS * WAYS);
  readonly #fullAt = new Float64Array(SETS * WAYS);
  readonly #placeSeed = randomBytes(4).readInt32LE();
  readonly #markSeed = randomBytes(4).readInt32LE();

  constructor({ perSecond, burst }: Rate) {
    this.#intervalMs = 1_000 / perSecond;
    this.#windowMs = burst * this.#intervalMs;
  }

  /**
   * Consumes one token of the key's bucket.
   * @param now milliseconds of a monotonic clock
   * @returns whether there was a token
   */
  consume(key: string, now: number): boolean {
    const slot = this.#slot(key);
    const next = Math.max(this.#fullAt[slot] as number, now) + this.#intervalMs;
    // A rounding error must not cost the last token of a burst.
    if (next - now > this.#windowMs + ROUNDING_MS) return false;
    this.#fullAt[slot] = next;
    return true;
  }

  /** Returns one consumed token to the key's bucket. */
  refund(key: string): void {
    const slot = this.#slot(key);
    this.#fullAt[slot] = (this.#fullAt[slot] as number) - this.#intervalMs;
  }

  /** Returns the number of tokens in the key's bucket. */
  left(key: string, now: number): number {
    return Math.max(
      0,
      Math.floor((this.#windowMs - this.#untilFullMs(key, now) + ROUNDING_MS) / this.#intervalMs),
    );
  }

  /** Returns the seconds until the key's bucket is full, rounded up. */
  untilFullS(key: string, now: number): number {
    return wholeSeconds(this.#untilFullMs(key, now));
  }

  /** Returns the seconds until the key's bucket has a token, rounded up; 0 if the bucket has one now. */
  untilNextS(key: string, now: number): number {
    return wholeSeconds(this.#untilFullMs(key, now) + this.#intervalMs - this.#windowMs);
  }

  #untilFullMs(key: string, now: number): number {
    return Math.max(0, (this.#fullAt[this.#slot(key)] as number) - now);
  }

  /**
   * Returns the index of the key's bucket. A key without a bucket takes the fullest bucket of its set, and
   * starts with all tokens.
   */
  #slot(key: string): number {
    let place = this.#placeSeed;
    let mark = this.#markSeed;
    // Computes two hashes in the manner of FNV-1a, each with its own seed and factor: `place` selects the
    // set, `mark` identifies the key within the set.
    for (let n = 0; n < key.length; n += 1) {
      const unit = key.charCodeAt(n);
      place = Math.imul(place ^ unit, 0x01000193);
      mark = Math.imul(mark ^ unit, 0x85ebca6b);
    }
    const first = ((place ^ (place >>> 15)) & (SETS - 1)) * WAYS;
    let fullest = first;
    for (let slot = first; slot < first + WAYS; slot += 1) {
      if (this.#marks[slot] === mark) return slot;
      if ((this.#fullAt[slot] as number) < (this.#fullAt[fullest] as number)) fullest = slot;
    }
    this.#marks[fullest] = mark;
    this.#fullAt[fullest] = 0;
    return fullest;
  }
}

/** Rounds up to seconds. A rounding error must not make 1,000 seconds 1,001. */
function wholeSeconds(ms: number): number {
  return Math.max(0, Math.ceil((ms - ROUNDING_MS) / 1_000));
}
