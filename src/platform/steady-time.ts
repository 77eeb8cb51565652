/**
 * Minimum difference between the steady clock and the wall clock that counts, in milliseconds. Smaller ones are
 * rounding errors, and corrections by NTP that are spread over a long time.
 */
export const MIN_CLOCK_JUMP_MS = 500;

/**
 * Returns the milliseconds by which the steady clock is ahead of the wall clock, if both were read at the same
 * moment. Negative: it is behind.
 */
export function aheadMsOf(steadyNow: number, now: number): number {
  const ahead = steadyNow - now;
  return Math.abs(ahead) < MIN_CLOCK_JUMP_MS ? 0 : ahead;
}
