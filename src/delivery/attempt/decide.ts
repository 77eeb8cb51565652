import type { ReadyDelivery, ReceiverState, Verdict } from '../../domain/delivery.ts';
import type { Exchange } from './exchange.ts';
import { retryAfterMs } from './retry-after.ts';
import { type RetryDelays, retryDelay } from './retry-policy.ts';

/** Delivery whose attempt has ended. `attempts` does not include that attempt. */
type AttemptedDelivery = Pick<ReadyDelivery, 'attempts' | 'attemptsBefore'> & {
  readonly webhook: Pick<ReadyDelivery['webhook'], 'retrySchedule'>;
};

export interface DecisionOptions {
  /** Default schedule of the service, for webhooks that name no other. */
  readonly schedule: RetryDelays;
  /** When the attempt ended, in milliseconds since the epoch. */
  readonly endedAt: number;
  /** Random number from 0 up to 1. */
  readonly random: number;
}

/** Decides what follows an attempt. No other function does. */
export function decide(
  { attempts, attemptsBefore, webhook }: AttemptedDelivery,
  exchange: Exchange,
  { schedule, endedAt, random }: DecisionOptions,
): Verdict {
  if (isAcknowledged(exchange)) return { state: 'succeeded' };
  // Interrupted by a shutdown: the schedule does not apply. The next start retries immediately.
  if (exchange.isInterrupted) return { state: 'pending', nextAttemptAt: endedAt };
  // A 410 pauses the webhook. The delivery is due, so that it is the first to be sent when the webhook is resumed.
  if (isGone(exchange)) return { state: 'pending', nextAttemptAt: endedAt };
  const delay = retryDelay(webhook.retrySchedule ?? 'default', schedule, {
    made: attempts + 1 - attemptsBefore,
    retryAfterMs: exchange.retryAfter === null ? null : retryAfterMs(exchange.retryAfter, endedAt),
    random,
  });
  return delay === null ? { state: 'failed' } : { state: 'pending', nextAttemptAt: endedAt + delay };
}

/** Returns what an exchange says about the receiver, regardless of the delivery. */
export function receiverStateOf(exchange: Exchange): ReceiverState {
  if (isAcknowledged(exchange)) return 'works';
  if (exchange.isInterrupted) return 'unknown';
  return isGone(exchange) ? 'gone' : 'fails';
}

/** Returns whether a receiver wants no more requests: 410 (Standard Webhooks, "Delivery success and failure"). */
function isGone(exchange: Exchange): boolean {
  return exchange.error === null && exchange.status === 410;
}

/** Returns whether an exchange acknowledges the delivery, as any complete 2xx answer does. */
export function isAcknowledged(exchange: Exchange): boolean {
  return (
    exchange.error === null && exchange.status !== null && exchange.status >= 200 && exchange.status < 300
  );
}
