import timers from 'node:timers/promises';

/**
 * Maximum milliseconds that a scrape waits for one value. If the database or a disk hangs, the other metrics must still
 * be visible.
 */
const WITHIN_MS = 1_000;

/**
 * Returns the value of a promise; `undefined` if the promise rejects, or does not fulfil within `ms`
 * milliseconds.
 */
export async function withinScrape<T>(value: Promise<T>, ms = WITHIN_MS): Promise<T | undefined> {
  // Hides the error: the metric shows NaN instead.
  const settled = value.catch(() => undefined);
  return Promise.race([settled, timers.setTimeout(ms, undefined, { ref: false })]);
}
