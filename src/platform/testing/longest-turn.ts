/**
 * Measures the turns of this thread's event loop until the returned function is called. It returns the longest of them,
 * in milliseconds of processor time. Waiting for a disk, or for other processes, does not count.
 */
export function measureTurns(): () => number {
  let longest = 0;
  let last = process.threadCpuUsage();
  const measure = () => {
    const { user, system } = process.threadCpuUsage(last);
    longest = Math.max(longest, (user + system) / 1_000);
    last = process.threadCpuUsage();
  };
  const measureNext = () => {
    measure();
    next = setImmediate(measureNext);
  };
  let next = setImmediate(measureNext);
  return () => {
    measure();
    clearImmediate(next);
    return longest;
  };
}

/** Number of times that something is measured before it counts as too long. */
const TRIES = 3;

/**
 * Measures until a result is below `maxMs`, at most three times, and returns the least one. A processor that is shared
 * with other machines is half as fast at some moments, and the kernel counts up to a tick of an earlier turn for the
 * next one. What takes too long by itself takes too long each time.
 */
export async function leastOf(maxMs: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n < TRIES && least >= maxMs; n += 1) least = Math.min(least, await measure());
  return least;
}
