/**
 * Counter as a plain number, which the registry reads at a scrape. A counter of the library looks up its labels each
 * time, and makes garbage.
 */
export class Tally {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  inc(by = 1): void {
    if (!(by >= 0)) throw new TypeError(`a counter can not be increased by ${by}`);
    this.#value += by;
  }
}

/** Histogram as plain numbers, which the registry reads at a scrape. */
export class Distribution {
  /** Upper bounds of the buckets in ascending order. A bucket includes its bound. */
  readonly bounds: readonly number[];
  /** Number of values in each bucket alone. The last one is for values above all bounds. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    if (!Number.isFinite(value)) throw new TypeError(`a histogram can not count ${value}`);
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
  }

  /** Returns, for each bound and then for all values, how many values are not above it. */
  cumulated(): number[] {
    let count = 0;
    return Array.from(this.#counts, (inBucket) => {
      count += inBucket;
      return count;
    });
  }
}
