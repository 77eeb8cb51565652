import type { RetrySchedule } from '../../domain/webhook.ts';

/** Milliseconds from the end of one attempt to the next, one for each retry. */
export type RetryDelays = readonly number[];

/** The contract's: up to three retries, three seconds apart. */
export const DEFAULT_RETRY_SCHEDULE: RetryDelays = [3_000, 3_000, 3_000];

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The schedule of the Standard Webhooks specification ("Deliverability and reliability"): at once, which is the
 * first attempt, and then nine retries over three days.
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
 * The part of a delay of that schedule by which chance lengthens it: what failed together comes back spread out,
 * and never sooner than the schedule says.
 */
const JITTER = 0.1;

/** The longest that a receiver may put off an attempt: a slip of its pen must not silence it for a year. */
const MAX_RETRY_AFTER_MS = 24 * HOUR_MS;

export interface Failure {
  /** Attempts made of this schedule so far, the failed one included; at least 1. */
  readonly made: number;
  /** How long the receiver asked to wait, in milliseconds; null where it did not. */
  readonly retryAfterMs: number | null;
  /** Chance, from 0 up to 1. */
  readonly random: number;
}

/**
 * How long to wait after a failed attempt, in milliseconds, or null when the schedule is exhausted.
 * What a receiver asks for can put off an attempt, and never adds one; the service's own schedule heeds it not.
 * @param own the service's own schedule
 */
export function retryDelay(schedule: RetrySchedule, own: RetryDelays, failure: Failure): number | null {
  const { made, retryAfterMs, random } = failure;
  if (schedule === 'default') return own[made - 1] ?? null;
  const isExponential = schedule === 'exponential';
  const delay = (isExponential ? EXPONENTIAL_DELAYS : schedule)[made - 1];
  if (delay === undefined) return null;
  const spread = isExponential ? Math.round(delay * (1 + JITTER * random)) : delay;
  return Math.max(spread, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}
