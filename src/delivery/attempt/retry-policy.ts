import type { RetrySchedule } from '../../domain/webhook.ts';

/** Milliseconds from the end of an attempt to the next one, for each retry. */
export type RetryDelays = readonly number[];

/** Schedule that the wire contract prescribes: up to three retries, three seconds apart. */
export const DEFAULT_RETRY_SCHEDULE: RetryDelays = [3_000, 3_000, 3_000];

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Schedule of the Standard Webhooks specification ("Deliverability and reliability"): nine retries over three days. The
 * first attempt is made immediately.
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
 * Part of an exponential delay that is added at random at most. Deliveries that failed together are retried at
 * different times, and never earlier than the schedule says.
 */
const JITTER = 0.1;

/** Maximum delay by `Retry-After`, so that a mistake of the receiver does not stop its deliveries for a year. */
const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;

export interface FailedAttempt {
  /** Number of attempts made by this schedule, including the failed one. At least 1. */
  readonly made: number;
  /** Milliseconds for which the receiver asked to wait. `null`: it did not. */
  readonly retryAfterMs: number | null;
  /** Random number from 0 up to 1. */
  readonly random: number;
}

/**
 * Returns the milliseconds to wait after a failed attempt. `null`: the schedule is exhausted.
 * `Retry-After` can delay an attempt but never adds one. The default schedule ignores it.
 * @param defaultDelays the default schedule of the service
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
