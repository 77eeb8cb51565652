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
