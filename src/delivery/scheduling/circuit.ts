import type { Attempt } from '../../domain/delivery.ts';

/**
 * A circuit keeps a receiver that does not answer from being hammered. It is one webhook's.
 *
 *              ten unanswered in a row           the interval is over
 *   closed ───────────────────────────▶ open ───────────────────────────▶ half_open
 *     ▲                                 ▲  │                                │   │
 *     │                                 └──┼── the probe was unanswered ────┘   │
 *     │                                    │   (twice the interval)             │
 *     └──────── any answer ◀───────────────┴────────────────────────────────────┘
 *
 * Closed, it holds nothing back. Open, nothing is sent. Half open, one delivery at a time is: the probe.
 * An answer is an answer, a 500 too: whoever answers does so fast, and is not what a circuit is for.
 */
export const CIRCUIT_STATES = ['closed', 'open', 'half_open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** A circuit as it is shown. */
export interface CircuitView {
  readonly state: CircuitState;
  /** Since when it has not been closed, in milliseconds since the epoch; null while it is closed. */
  readonly since: number | null;
  /** When the next delivery may be sent as a probe; null while it is closed, or half open, for then it may be now. */
  readonly probeAt: number | null;
}

export const CLOSED: CircuitView = { state: 'closed', since: null, probeAt: null };

/**
 * Unanswered attempts in a row that open a circuit. The default schedule makes four of one delivery, so that two
 * media whose attempts hang don't open it by themselves: a receiver that fails on one kind of event keeps its
 * timing. Larger numbers only send more requests to receivers that are gone.
 */
export const OPENS_AFTER = 10;
/** From opening to the first probe, in milliseconds: a receiver that is only being restarted is back by then. */
export const FIRST_INTERVAL_MS = 1_000;
/** The longest, in milliseconds: what one waits, at worst, after one's receiver works again. */
export const LONGEST_INTERVAL_MS = 60_000;
/** Failures that lie farther apart, in milliseconds, are no row: hardly anything is sent, so nothing is hammered. */
export const FORGOTTEN_AFTER_MS = 600_000;

export class Circuit implements CircuitView {
  readonly webhookId: string;
  state: CircuitState = 'closed';
  since: number | null = null;
  probeAt: number | null = null;
  /** Unanswered attempts in a row. */
  failures = 0;
  /** Of the latest of them: when it ended, and how long it took. */
  failedAt = 0;
  failedAfterMs = 0;
  intervalMs = FIRST_INTERVAL_MS;
  #isProbing = false;

  constructor(webhookId: string) {
    this.webhookId = webhookId;
  }

  /** An attempt ended unanswered. @returns whether that opened the circuit, for the first time or again */
  fail(at: number, durationMs: number): boolean {
    this.failures += 1;
    this.failedAt = at;
    this.failedAfterMs = durationMs;
    if (this.state === 'closed') return this.failures >= OPENS_AFTER && this.#open(at);
    // Requests that were under way when it opened end one after the other, and tell nothing new.
    if (this.state === 'open' || !this.#isProbing) return false;
    this.intervalMs = Math.min(this.intervalMs * 2, LONGEST_INTERVAL_MS);
    return this.#open(at);
  }

  /** The interval is over. */
  halfOpen(): void {
    this.state = 'half_open';
    this.probeAt = null;
    this.#isProbing = false;
  }

  /** A delivery is being sent. */
  send(): void {
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

/** So much earlier, in milliseconds, a timer may fire by the clock that measures how long an attempt took. */
const TIMER_SLACK_MS = 50;

/**
 * Whether an attempt came to no answer, or not to the end of one within the time limit. What ended in less time
 * with a status was answered, however badly.
 */
export function isUnanswered({ status, error, durationMs }: Attempt, timeoutMs: number): boolean {
  return status === null || (error !== null && durationMs >= timeoutMs - TIMER_SLACK_MS);
}
