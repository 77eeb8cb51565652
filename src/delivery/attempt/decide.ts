import type { ReadyDelivery, ReceiverState, Verdict } from '../../domain/delivery.ts';
import { retryAfterMs } from './retry-after.ts';
import { type RetryDelays, retryDelay } from './retry-policy.ts';
import type { Exchange } from './sender.ts';

/** What is known of a delivery whose attempt has ended. */
type Attempted = Pick<ReadyDelivery, 'attempts' | 'attemptsBefore'> & {
  readonly webhook: Pick<ReadyDelivery['webhook'], 'retrySchedule'>;
};

export interface DecisionOptions {
  /** The service's own schedule, for webhooks that name no other. */
  readonly schedule: RetryDelays;
  /** When the attempt ended, in milliseconds since the epoch. */
  readonly endedAt: number;
  /** Chance, from 0 up to 1. */
  readonly random: number;
}

/** The one place that says what becomes of a delivery after an attempt. */
export function decide(
  { attempts, attemptsBefore, webhook }: Attempted,
  exchange: Exchange,
  { schedule, endedAt, random }: DecisionOptions,
): Verdict {
  if (isAcknowledged(exchange)) return { state: 'succeeded' };
  // Our stop is no reason to give up on a receiver: the next start tries at once, whatever the schedule says.
  if (exchange.isInterrupted) return { state: 'pending', nextAttemptAt: endedAt };
  // The pause that this brings holds it up, not its schedule: when it ends, this delivery is the first to go.
  if (isGone(exchange)) return { state: 'pending', nextAttemptAt: endedAt };
  const delay = retryDelay(webhook.retrySchedule ?? 'default', schedule, {
    made: attempts + 1 - attemptsBefore,
    retryAfterMs: exchange.retryAfter === null ? null : retryAfterMs(exchange.retryAfter, endedAt),
    random,
  });
  return delay === null ? { state: 'failed' } : { state: 'pending', nextAttemptAt: endedAt + delay };
}

/** What an exchange says of the receiver, whichever delivery it was made for. */
export function receiverStateOf(exchange: Exchange): ReceiverState {
  if (isAcknowledged(exchange)) return 'works';
  if (exchange.isInterrupted) return 'unknown';
  return isGone(exchange) ? 'gone' : 'fails';
}

/** 410: it wants nothing any more (Standard Webhooks, "Delivery success and failure"). */
function isGone(exchange: Exchange): boolean {
  return exchange.error === null && exchange.status === 410;
}

/** Any whole 2xx answer acknowledges. */
export function isAcknowledged(exchange: Exchange): boolean {
  return (
    exchange.error === null && exchange.status !== null && exchange.status >= 200 && exchange.status < 300
  );
}
