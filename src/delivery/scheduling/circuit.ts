import type { Attempt } from '../../domain/delivery.ts';

/**
 * States of a webhook's circuit. The circuit limits the requests to a receiver that does not answer.
 *
 *              ten consecutive unanswered
 *              attempts                          the interval is over
 *   closed ───────────────────────────▶ open ───────────────────────────▶ half_open
 *     ▲                                 ▲  │                                │   │
 *     │                                 └──┼── the probe is unanswered ─────┘   │
 *     │                                    │   (doubles the interval)           │
 *     └──────── any answer ◀───────────────┴────────────────────────────────────┘
 *
 * A closed circuit lets all deliveries be sent. An open circuit lets none be sent. A half-open circuit lets
 * one delivery be sent at a time, the probe. Any HTTP status counts as an answer, even 500, because a
 * receiver that answers does so fast and needs no circuit.
 */
export const CIRCUIT_STATES = ['closed', 'open', 'half_open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** State of a circuit, in the form that the API shows. */
export interface CircuitView {
  readonly state: CircuitState;
  /**
   * When the circuit left the state closed, by the steady clock. `null`: the circuit is closed.
   */
  readonly since: number | null;
  /**
   * Earliest time of the next probe, by the steady clock. `null`: the circuit is closed or half
   * open. If it is half open, a probe can be sent now.
   */
  readonly probeAt: number | null;
}

export const CLOSED: CircuitView = { state: 'closed', since: null, probeAt: null };

/**
 * Number of consecutive unanswered attempts that open a circuit. The default schedule makes four attempts of
 * a delivery. The eight attempts of two unanswered deliveries therefore do not open the circuit. If a
 * receiver hangs only for one kind of event, its deliveries are then still retried at the times of their
 * retry schedule. A larger number would only send more requests to receivers that are down.
 */
export const FAILURES_TO_OPEN = 10;
/**
 * Number of failures in a row that open a circuit while suspect webhooks use up their share of the requests,
 * if the attempts took long. Each such attempt then keeps a request of another webhook waiting. Three time-outs
 * keep one of the limited requests busy for half a minute.
 */
export const FAILURES_TO_OPEN_WHEN_CROWDED = 3;
/**
 * Milliseconds from the opening of a circuit to the first probe. Long enough for a receiver that is only
 * being restarted.
 */
export const FIRST_INTERVAL_MS = 1_000;
/**
 * Maximum milliseconds from the opening of a circuit to the next probe. When a receiver works again, its
 * deliveries wait at most this long for the probe.
 */
export const MAX_INTERVAL_MS = 60_000;
/**
 * Milliseconds from the latest unanswered attempt until the failures of a closed circuit expire. A webhook
 * whose failures are farther apart sends hardly any requests, and needs no circuit.
 */
export const FAILURES_EXPIRE_AFTER_MS = 600_000;

export class Circuit implements CircuitView {
  readonly webhookId: string;
  state: CircuitState = 'closed';
  since: number | null = null;
  probeAt: number | null = null;
  /** Number of consecutive unanswered attempts. */
  failures = 0;
  /** When the latest unanswered attempt ended, by the steady clock. */
  failedAt = 0;
  /** Duration of the latest unanswered attempt, in milliseconds. */
  failureDurationMs = 0;
  intervalMs = FIRST_INTERVAL_MS;
  #isProbing = false;

  constructor(webhookId: string) {
    this.webhookId = webhookId;
  }

  /**
   * Counts an unanswered attempt.
   * @param failuresToOpen number of consecutive unanswered attempts that open the circuit
   * @returns whether the attempt opened the circuit, which was closed or half open before
   */
  fail(at: number, durationMs: number, failuresToOpen: number): boolean {
    this.failures += 1;
    this.failedAt = at;
    this.failureDurationMs = durationMs;
    if (this.state === 'closed') return this.failures >= failuresToOpen && this.#open(at);
    // Ignores an attempt that is not a probe. Such an attempt was already in flight when the circuit opened,
    // and says nothing new about the receiver.
    if (this.state === 'open' || !this.#isProbing) return false;
    this.intervalMs = Math.min(this.intervalMs * 2, MAX_INTERVAL_MS);
    return this.#open(at);
  }

  /**
   * Makes the circuit half open, so that one probe can be sent. Must be called when the interval of the open
   * circuit is over.
   */
  halfOpen(): void {
    this.state = 'half_open';
    this.probeAt = null;
    this.#isProbing = false;
  }

  /**
   * Must be called when an attempt of the webhook starts. In a half-open circuit, this attempt is the probe.
   */
  attemptStarted(): void {
    this.#isProbing = this.state === 'half_open';
  }

  #open(at: number): true {
    this.state = 'open';
    this.since ??= at;
    this.probeAt = at + this.intervalMs;
    this.#isProbing = false;
    return true;
  }
}

/**
 * Maximum milliseconds by which the timer that ends an attempt can fire early, compared with the clock that
 * measures the duration of the attempt.
 */
const TIMER_SLACK_MS = 50;

/**
 * Returns whether an attempt got no status, or got a status but not the whole answer within the time limit.
 * If an attempt got a status and ended earlier, it counts as answered, even if the answer was broken off.
 */
export function isUnanswered({ status, error, durationMs }: Attempt, timeoutMs: number): boolean {
  return status === null || (error !== null && durationMs >= timeoutMs - TIMER_SLACK_MS);
}
