import type { Attempt } from '../../domain/delivery.ts';

/**
 * Circuit of one webhook. It keeps a receiver that does not answer from being hammered.
 *
 *              ten unanswered in a row           the interval is over
 *   closed ───────────────────────────▶ open ───────────────────────────▶ half_open
 *     ▲                                 ▲  │                                │   │
 *     │                                 └──┼── the probe was unanswered ────┘   │
 *     │                                    │   (twice the interval)             │
 *     └──────── any answer ◀───────────────┴────────────────────────────────────┘
 *
 * A closed circuit sends everything. An open circuit sends nothing. A half-open circuit sends one delivery at a time,
 * the probe. Any status counts as an answer, 500 included: a receiver that answers does so fast, and needs no circuit.
 */
export const CIRCUIT_STATES = ['closed', 'open', 'half_open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** State of a circuit as the API shows it. */
export interface CircuitView {
  readonly state: CircuitState;
  /** When it stopped being closed, in milliseconds since the epoch. `null`: it is closed. */
  readonly since: number | null;
  /**
   * When the next probe may be sent, in milliseconds since the epoch. `null`: closed, or half open (a probe may be sent
   * now).
   */
  readonly probeAt: number | null;
}

export const CLOSED: CircuitView = { state: 'closed', since: null, probeAt: null };

/**
 * Unanswered attempts in a row that open a circuit. The default schedule makes four attempts of one delivery, so that
 * two media whose attempts hang do not open it by themselves: a receiver that fails on one kind of event keeps its
 * timing. Larger numbers only send more requests to receivers that are gone.
 */
export const FAILURES_TO_OPEN = 10;
/** Milliseconds from opening to the first probe. A receiver that is only being restarted is back by then. */
export const FIRST_INTERVAL_MS = 1_000;
/** Maximum interval in milliseconds, which is the longest wait after a receiver works again. */
export const MAX_INTERVAL_MS = 60_000;
/** Milliseconds after which failures expire. Failures that lie farther apart mean that hardly anything is sent. */
export const FAILURES_EXPIRE_AFTER_MS = 600_000;

export class Circuit implements CircuitView {
  readonly webhookId: string;
  state: CircuitState = 'closed';
  since: number | null = null;
  probeAt: number | null = null;
  /** Unanswered attempts in a row. */
  failures = 0;
  /** When the latest unanswered attempt ended, in milliseconds since the epoch. */
  failedAt = 0;
  /** Duration of the latest unanswered attempt. */
  failureDurationMs = 0;
  intervalMs = FIRST_INTERVAL_MS;
  #isProbing = false;

  constructor(webhookId: string) {
    this.webhookId = webhookId;
  }

  /** Counts an unanswered attempt. @returns whether that opened the circuit, for the first time or again */
  fail(at: number, durationMs: number): boolean {
    this.failures += 1;
    this.failedAt = at;
    this.failureDurationMs = durationMs;
    if (this.state === 'closed') return this.failures >= FAILURES_TO_OPEN && this.#open(at);
    // Requests that were in flight when the circuit opened end one by one, and say nothing new.
    if (this.state === 'open' || !this.#isProbing) return false;
    this.intervalMs = Math.min(this.intervalMs * 2, MAX_INTERVAL_MS);
    return this.#open(at);
  }

  /** Must be called when the interval is over. */
  halfOpen(): void {
    this.state = 'half_open';
    this.probeAt = null;
    this.#isProbing = false;
  }

  /** Must be called when an attempt starts. */
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

/** Milliseconds by which a timer may fire early, by the clock that measures the duration of attempts. */
const TIMER_SLACK_MS = 50;

/**
 * Returns whether an attempt got no answer, or not the end of one within the time limit. An attempt that ended
 * earlier with a status was answered, even if the answer was bad.
 */
export function isUnanswered({ status, error, durationMs }: Attempt, timeoutMs: number): boolean {
  return status === null || (error !== null && durationMs >= timeoutMs - TIMER_SLACK_MS);
}
