import type { RetrySchedule } from '../../domain/webhook.ts';

/**
 * Delays before the retries of a delivery, in order. Each is in milliseconds, from the end of an attempt to
 * the next attempt.
 */
export type RetryDelays = readonly number[];

/** Default retry schedule, which the API's contract prescribes: up to three retries, three seconds apart. */
export const DEFAULT_RETRY_SCHEDULE: RetryDelays = [3_000, 3_000, 3_000];

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Exponential retry schedule of the Standard Webhooks specification ("Deliverability and reliability"): nine
 * retries over three days. The first attempt is made immediately.
 */
export const EXPONENTIAL_DELAYS: RetryDelays = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/**
 * Maximum random time that is added to an exponential delay, as a fraction of the delay. Because of the added
 * time, deliveries that failed together are retried at different times. No retry is earlier than the schedule says.
 */
const JITTER = 0.1;

/**
 * Maximum delay in milliseconds that a `Retry-After` header can cause, so that a mistake of the receiver does
 * not stop its deliveries for a year.
 */
const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;

export interface FailedAttempt {
  /** Number of attempts made in this schedule, including the failed attempt. At least 1. */
  readonly made: number;
  /**
   * Milliseconds that the receiver asked to wait with `Retry-After`. `null`: the receiver did not ask for a
   * delay.
   */
  readonly retryAfterMs: number | null;
  /** Random number, at least 0 and less than 1. */
  readonly random: number;
}

/**
 * Returns the milliseconds to wait after a failed attempt. `null`: the schedule is exhausted. A `Retry-After`
 * header can delay an attempt, but never adds an attempt. The default schedule ignores the header.
 * @param defaultDelays retry delays of the service's default schedule
 */
export function retryDelay(
  schedule: RetrySchedule,
  defaultDelays: RetryDelays,
  failed: FailedAttempt,
): number | null {
  const { made, retryAfterMs, random } = failed;
  if (schedule === 'default') return defaultDelays[made - 1] ?? null;
  const isExponential = schedule === 'exponential';
  const delay = (isExponential ? EXPONENTIAL_DELAYS : schedule)[made - 1];
  if (delay === undefined) return null;
  const jittered = isExponential ? Math.round(delay * (1 + JITTER * random)) : delay;
  return Math.max(jittered, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}
