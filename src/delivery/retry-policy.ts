/** Milliseconds from the end of one attempt to the next, one for each retry. */
export type RetrySchedule = readonly number[];

/** The contract's: up to three retries, three seconds apart. */
export const DEFAULT_RETRY_SCHEDULE: RetrySchedule = [3_000, 3_000, 3_000];

/**
 * How long to wait after a failed attempt, in milliseconds, or null when the schedule is exhausted.
 * @param made attempts made of this schedule so far, the failed one included; at least 1
 */
export function retryDelay(schedule: RetrySchedule, made: number): number | null {
  return schedule[made - 1] ?? null;
}
