import { randomBytes } from 'node:crypto';
import type { Rate } from '../../config/parsers/rate.ts';

/** Entries that share a set: a key may be in any of its set's. */
const WAYS = 4;
/** 16,384 keys, of 12 bytes each. */
const SETS = 4_096;

/**
 * Token buckets, one a key, in a fixed amount of memory: two numbers each, no object that would come and go with a
 * request. A bucket is the time at which it will be full again (the generic cell rate algorithm, ITU-T I.371).
 *
 * Where more keys are busy than there is room for, the fullest bucket of a set is forgotten, which is the one that
 * says least. Keys are told apart by 32 + 12 bits of seeded hashes: two that are not, share a bucket.
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

  /** Takes one token, or says false where there is none. @param now milliseconds of a clock that never goes back */
  take(key: string, now: number): boolean {
    const slot = this.#slot(key);
    const next = Math.max(this.#fullAt[slot] as number, now) + this.#intervalMs;
    // Rounding must not cost the last token of a burst.
    if (next - now > this.#windowMs + 1e-3) return false;
    this.#fullAt[slot] = next;
    return true;
  }

  giveBack(key: string): void {
    const slot = this.#slot(key);
    this.#fullAt[slot] = (this.#fullAt[slot] as number) - this.#intervalMs;
  }

  /** Tokens that are left. */
  left(key: string, now: number): number {
    return Math.max(0, Math.floor((this.#windowMs - this.untilFullMs(key, now) + 1e-3) / this.#intervalMs));
  }

  untilFullMs(key: string, now: number): number {
    return Math.max(0, (this.#fullAt[this.#slot(key)] as number) - now);
  }

  /** How long until there is a token; 0 where there is one. */
  untilNextMs(key: string, now: number): number {
    return Math.max(0, this.untilFullMs(key, now) + this.#intervalMs - this.#windowMs);
  }

  /** Where the key's bucket is, or is put now. */
  #slot(key: string): number {
    let place = this.#placeSeed;
    let mark = this.#markSeed;
    // FNV-1a, twice.
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
