import type { Attempt, ReadyDelivery, Settlement } from '../domain/delivery.ts';
import { decide, isAcknowledged, receiverStateOf } from './decide.ts';
import type { RetryDelays } from './retry-policy.ts';
import type { Exchange, Sender } from './sender.ts';
import { signatureHeaders } from './signature.ts';

export interface AttemptOptions {
  readonly sender: Sender;
  /** The service's own. */
  readonly schedule: RetryDelays;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

const COMMON_HEADERS = { 'content-type': 'application/json', 'user-agent': 'Mediahooks (webhooks)' };

/** Makes one attempt: sign, send, describe what came back, decide what it means. Never rejects. */
export async function makeAttempt(delivery: ReadyDelivery, options: AttemptOptions): Promise<Settlement> {
  const at = options.now();
  const exchange = await exchangeOf(delivery, at, options.sender);
  const attempt = describe(delivery, at, exchange);
  const verdict = decide(delivery, exchange, {
    schedule: options.schedule,
    endedAt: options.now(),
    random: options.random(),
  });
  const receiver = receiverStateOf(exchange);
  return { seq: delivery.seq, webhookId: delivery.webhook.id, attempt, verdict, receiver };
}

/** A defect of ours ends as an attempt that failed, too: thrown, it would keep its lane waiting for good. */
async function exchangeOf(delivery: ReadyDelivery, at: number, sender: Sender): Promise<Exchange> {
  try {
    const { event, webhook } = delivery;
    return await sender.post(webhook.url, deliveryHeaders(event, webhook.secret, at), event.body);
  } catch (cause) {
    const error = `the request could not be made: ${cause instanceof Error ? cause.message : cause}`;
    return { status: null, response: null, retryAfter: null, error, durationMs: 0, isInterrupted: false };
  }
}

/** What every request to a receiver bears. */
export function deliveryHeaders(
  { id, body }: { id: string; body: string },
  secret: string,
  at: number,
): Record<string, string> {
  return { ...COMMON_HEADERS, ...signatureHeaders(secret, { id, at, body }) };
}

/** Why an exchange does not acknowledge, in words; null when it does. */
export function failureOf(exchange: Exchange): string | null {
  if (exchange.error !== null || isAcknowledged(exchange)) return exchange.error;
  const redirects = exchange.status !== null && exchange.status >= 300 && exchange.status < 400;
  return `the receiver answered ${exchange.status}${redirects ? '; redirects are not followed' : ''}`;
}

function describe(delivery: ReadyDelivery, at: number, exchange: Exchange): Attempt {
  return {
    number: delivery.attempts + 1,
    at,
    durationMs: exchange.durationMs,
    status: exchange.status,
    response: exchange.response,
    error: failureOf(exchange),
  };
}
