import type { ReadyDelivery, Verdict } from '../domain/delivery.ts';
import { type RetrySchedule, retryDelay } from './retry-policy.ts';
import type { Exchange } from './sender.ts';

/**
 * The one place that says what becomes of a delivery after an attempt.
 * @param endedAt when the attempt ended, in milliseconds since the epoch
 */
export function decide(
  delivery: Pick<ReadyDelivery, 'attempts' | 'attemptsBefore'>,
  exchange: Exchange,
  schedule: RetrySchedule,
  endedAt: number,
): Verdict {
  if (isAcknowledged(exchange)) return { state: 'succeeded' };
  // Our stop is no reason to give up on a receiver: the next start tries at once, whatever the schedule says.
  if (exchange.isInterrupted) return { state: 'pending', nextAttemptAt: endedAt };
  const made = delivery.attempts + 1 - delivery.attemptsBefore;
  const delay = retryDelay(schedule, made);
  return delay === null ? { state: 'failed' } : { state: 'pending', nextAttemptAt: endedAt + delay };
}

/** Any whole 2xx answer acknowledges. */
export function isAcknowledged(exchange: Exchange): boolean {
  return (
    exchange.error === null && exchange.status !== null && exchange.status >= 200 && exchange.status < 300
  );
}
