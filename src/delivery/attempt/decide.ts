import type { ReadyDelivery, ReceiverState, Verdict } from '../../domain/delivery.ts';
import type { Exchange } from './exchange.ts';
import { retryAfterMs } from './retry-after.ts';
import { type RetryDelays, retryDelay } from './retry-policy.ts';

/**
 * Delivery whose attempt has ended, with the fields that the decision needs. `attempts` does not count that
 * attempt.
 */
type AttemptedDelivery = Pick<ReadyDelivery, 'attempts' | 'attemptsBefore'> & {
  readonly webhook: Pick<ReadyDelivery['webhook'], 'retrySchedule'>;
};

export interface DecisionOptions {
  /** Retry delays of the service, for webhooks that use the default schedule. */
  readonly schedule: RetryDelays;
  /** Time at which the attempt ended, in milliseconds since the epoch. */
  readonly endedAt: number;
  /** Random number, at least 0 and less than 1. */
  readonly random: number;
}

/** One object for all, because an object that occurs often in a message to the database's thread is copied once. */
const SUCCEEDED: Verdict = { state: 'succeeded' };

/**
 * Decides after an attempt whether the delivery has succeeded, has failed, or is due again later. Only this
 * function makes this decision.
 */
export function decide(
  { attempts, attemptsBefore, webhook }: AttemptedDelivery,
  exchange: Exchange,
  { schedule, endedAt, random }: DecisionOptions,
): Verdict {
  if (isAcknowledged(exchange)) return SUCCEEDED;
  // Makes the delivery due at once if a stop or a suspension cut its attempt off. The retry schedule does not
  // apply, so that the service can retry the delivery as soon as it runs again.
  if (exchange.isInterrupted) return { state: 'pending', nextAttemptAt: endedAt };
  // Makes the delivery due at once after a 410. The 410 pauses the webhook, and this delivery must be sent
  // first when the webhook is resumed.
  if (isGone(exchange)) return { state: 'pending', nextAttemptAt: endedAt };
  const delay = retryDelay(webhook.retrySchedule ?? 'default', schedule, {
    made: attempts + 1 - attemptsBefore,
    retryAfterMs: exchange.retryAfter === null ? null : retryAfterMs(exchange.retryAfter, endedAt),
    random,
  });
  return delay === null ? { state: 'failed' } : { state: 'pending', nextAttemptAt: endedAt + delay };
}

/**
 * Returns what an exchange shows about the receiver: `works`, `fails`, `gone`, or `unknown` if the exchange
 * shows nothing about the receiver.
 */
export function receiverStateOf(exchange: Exchange): ReceiverState {
  if (isAcknowledged(exchange)) return 'works';
  if (exchange.isInterrupted) return 'unknown';
  return isGone(exchange) ? 'gone' : 'fails';
}

/**
 * Returns whether the receiver answered 410, by which a receiver asks for no more requests (Standard
 * Webhooks, "Delivery success and failure").
 */
function isGone(exchange: Exchange): boolean {
  return exchange.error === null && exchange.status === 410;
}

/** Returns whether an exchange acknowledges the delivery, as any complete 2xx answer does. */
export function isAcknowledged(exchange: Exchange): boolean {
  return (
    exchange.error === null && exchange.status !== null && exchange.status >= 200 && exchange.status < 300
  );
}
