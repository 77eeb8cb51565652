/** Returns a generator of numbers from 0 up to 1 that depend on `seed` alone (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns the seed to use: `CRASH_SEED` to repeat a run, otherwise a new one. Callers print it with `t.diagnostic`. */
export function testSeed(): number {
  const given = process.env.CRASH_SEED;
  return given === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(given);
}
