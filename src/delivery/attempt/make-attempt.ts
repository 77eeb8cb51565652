import type { Attempt, ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { SenderCredentials } from '../../domain/webhook.ts';
import type { PostRequest } from '../client/http-client.ts';
import { decide, isAcknowledged, receiverStateOf } from './decide.ts';
import type { Exchange } from './exchange.ts';
import { COMMON_HEADERS, type RequestTargets } from './request-targets.ts';
import type { RetryDelays } from './retry-policy.ts';
import type { Sender } from './sender.ts';
import { type SignedMessage, type SigningKeyCache, signatureHeaders } from './signature.ts';

export interface AttemptOptions {
  readonly sender: Pick<Sender, 'send'>;
  readonly targets: RequestTargets;
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

/**
 * Called once, when an attempt has ended. It must not throw.
 * @param settlement `null`: the request could not be sent for a cause on our own side. There was no attempt then, and
 * the delivery must be tried again
 * @param defect error because of which there is no settlement. `null`: no error
 */
export type OnAttemptEnd = (settlement: Settlement | null, defect: unknown) => void;

/** An attempt whose exchange has ended. */
interface EndedAttempt {
  readonly delivery: ReadyDelivery;
  /** When the attempt began, in milliseconds since the epoch. */
  readonly at: number;
  readonly exchange: Exchange;
}

/**
 * Makes one attempt of a delivery: signs and sends the request, describes the answer, and decides what happens to the
 * delivery next. Never throws. Calls `onEnd`, possibly before it returns. Promises would be garbage that lives as long
 * as the request.
 */
export function makeAttempt(delivery: ReadyDelivery, options: AttemptOptions, onEnd: OnAttemptEnd): void {
  const at = options.now();
  let request: PostRequest;
  try {
    request = requestOf(delivery, at, options);
  } catch (cause) {
    settle({ delivery, at, exchange: notMade(cause) }, options, onEnd);
    return;
  }
  options.sender.send(request, (exchange) => {
    try {
      options.onExchange(exchange);
    } catch (cause) {
      settle({ delivery, at, exchange: notMade(cause) }, options, onEnd);
      return;
    }
    if (exchange.ownCause === null) settle({ delivery, at, exchange }, options, onEnd);
    else
      options.hold().then(
        () => onEnd(null, null),
        (defect) => onEnd(null, defect),
      );
  });
}

function requestOf(
  { event, webhook }: ReadyDelivery,
  at: number,
  { targets, signingKeys }: AttemptOptions,
): PostRequest {
  const { id, body } = event;
  const headers = signatureHeaders(webhook, { id, at, body }, signingKeys);
  return { target: targets.of(webhook), headers, body };
}

function settle(ended: EndedAttempt, options: AttemptOptions, onEnd: OnAttemptEnd): void {
  let settlement: Settlement;
  try {
    settlement = settlementOf(ended, options);
  } catch (defect) {
    onEnd(null, defect);
    return;
  }
  onEnd(settlement, null);
}

function settlementOf(
  { delivery, at, exchange }: EndedAttempt,
  { schedule, now, random }: AttemptOptions,
): Settlement {
  return {
    seq: delivery.seq,
    webhookId: delivery.webhook.id,
    attempt: describe(delivery, at, exchange),
    verdict: decide(delivery, exchange, { schedule, endedAt: now(), random: random() }),
    receiver: receiverStateOf(exchange),
  };
}

/**
 * Returns the exchange of a request that a defect of this service has prevented. It also counts as a failed attempt.
 * Otherwise, the attempt would not be recorded, and the later deliveries of the same webhook and media would wait
 * forever.
 */
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
