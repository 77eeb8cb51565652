import type { Attempt, ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { SenderCredentials } from '../../domain/webhook.ts';
import { decide, isAcknowledged, receiverStateOf } from './decide.ts';
import type { RetryDelays } from './retry-policy.ts';
import type { Exchange, Sender } from './sender.ts';
import { signatureHeaders } from './signature.ts';

export interface AttemptOptions {
  readonly sender: Pick<Sender, 'post'>;
  /** The service's own. */
  readonly schedule: RetryDelays;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Told of each request that was made. */
  readonly onExchange: (exchange: Exchange) => void;
}

const COMMON_HEADERS = { 'content-type': 'application/json', 'user-agent': 'Mediahooks (webhooks)' };

/** Makes one attempt: sign, send, describe what came back, decide what it means. Never rejects. */
export async function makeAttempt(delivery: ReadyDelivery, options: AttemptOptions): Promise<Settlement> {
  const { sender, now, random, schedule, onExchange } = options;
  const { event, webhook } = delivery;
  const at = now();
  let exchange: Exchange;
  try {
    exchange = await sender.post(webhook.url, deliveryHeaders(event, webhook, at), event.body);
    onExchange(exchange);
  } catch (cause) {
    // A defect of ours ends as an attempt that failed, too: thrown, it would keep its lane waiting for good.
    exchange = neverMade(cause);
  }
  const attempt = describe(delivery, at, exchange);
  const verdict = decide(delivery, exchange, { schedule, endedAt: now(), random: random() });
  return { seq: delivery.seq, webhookId: webhook.id, attempt, verdict, receiver: receiverStateOf(exchange) };
}

function neverMade(cause: unknown): Exchange {
  const error = `the request could not be made: ${cause instanceof Error ? cause.message : cause}`;
  const nothing = { status: null, response: null, retryAfter: null, durationMs: 0, isInterrupted: false };
  return { ...nothing, error, failure: 'other' };
}

/** What every request to a receiver bears. */
export function deliveryHeaders(
  { id, body }: { id: string; body: string },
  credentials: SenderCredentials,
  at: number,
): Record<string, string> {
  return { ...credentials.headers, ...COMMON_HEADERS, ...signatureHeaders(credentials, { id, at, body }) };
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
