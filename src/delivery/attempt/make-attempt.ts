import type { Attempt, ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { SenderCredentials } from '../../domain/webhook.ts';
import { decide, isAcknowledged, receiverStateOf } from './decide.ts';
import type { Exchange } from './exchange.ts';
import type { RetryDelays } from './retry-policy.ts';
import type { Sender } from './sender.ts';
import { type SignedMessage, type SigningKeyCache, signatureHeaders } from './signature.ts';

export interface AttemptOptions {
  readonly sender: Pick<Sender, 'post'>;
  readonly signingKeys: SigningKeyCache;
  /** Retry delays of the service, for webhooks that use the default schedule. */
  readonly schedule: RetryDelays;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns a random number, at least 0 and less than 1. */
  readonly random: () => number;
  /** Called after each request that was made, with the exchange that resulted. */
  readonly onExchange: (exchange: Exchange) => void;
  /** Waits a moment after a request that could not be sent for a cause on our own side. */
  readonly hold: () => Promise<void>;
}

/** Headers that every request has, with the same values. */
export const COMMON_HEADERS = { 'content-type': 'application/json', 'user-agent': 'Mediahooks (webhooks)' };

/**
 * Makes one attempt of a delivery: signs and sends the request, describes the answer, and decides what
 * happens to the delivery next. Never rejects.
 * @returns `null` if the request could not be sent for a cause on our own side. There was no attempt then, and
 * the delivery must be tried again
 */
export async function makeAttempt(
  delivery: ReadyDelivery,
  options: AttemptOptions,
): Promise<Settlement | null> {
  const { sender, signingKeys, now, random, schedule, onExchange } = options;
  const { event, webhook } = delivery;
  const at = now();
  let exchange: Exchange;
  try {
    const headers = deliveryHeaders({ id: event.id, at, body: event.body }, webhook, signingKeys);
    exchange = await sender.post(webhook.url, headers, event.body);
    onExchange(exchange);
    if (exchange.ownCause !== null) {
      await options.hold();
      return null;
    }
  } catch (cause) {
    // A defect of this service also counts as a failed attempt. Otherwise, the attempt would not be recorded,
    // and the later deliveries of the same webhook and media would wait forever.
    exchange = notMade(cause);
  }
  const attempt = describe(delivery, at, exchange);
  const verdict = decide(delivery, exchange, { schedule, endedAt: now(), random: random() });
  return { seq: delivery.seq, webhookId: webhook.id, attempt, verdict, receiver: receiverStateOf(exchange) };
}

function notMade(cause: unknown): Exchange {
  const error = `the request could not be made: ${cause instanceof Error ? cause.message : cause}`;
  const nothing = { status: null, response: null, retryAfter: null, durationMs: 0, isInterrupted: false };
  return { ...nothing, error, failure: 'other', ownCause: null };
}

/**
 * Returns the headers of a request to a receiver.
 * @param signingKeys cache of prepared keys, shared between calls
 */
export function deliveryHeaders(
  message: SignedMessage,
  credentials: SenderCredentials,
  signingKeys?: SigningKeyCache,
): Record<string, string> {
  return {
    ...credentials.headers,
    ...COMMON_HEADERS,
    ...signatureHeaders(credentials, message, signingKeys),
  };
}

/**
 * Returns a sentence that says why an exchange does not acknowledge the delivery. `null`: the exchange
 * acknowledges the delivery.
 */
export function failureReason(exchange: Exchange): string | null {
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
    error: failureReason(exchange),
    revision: delivery.webhook.revision ?? null,
  };
}
