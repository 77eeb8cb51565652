/**
 * Returns a generator of random numbers from 0 (included) to 1 (excluded). The same `seed` gives the same
 * numbers (mulberry32).
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Returns the seed of a test run: `CRASH_SEED` to repeat a run, otherwise a new seed. Callers print the seed
 * with `t.diagnostic`.
 */
export function testSeed(): number {
  const given = process.env.CRASH_SEED;
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
}
