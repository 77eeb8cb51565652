import timers from 'node:timers/promises';
import type { Logger } from '../../logging/logger.ts';
import { OWN_CAUSES, type OwnCause } from './own-cause.ts';

export interface OwnTroubleOptions {
  readonly logger: Logger;
  /**
   * Returns milliseconds of a clock that is never set back. Callers only use differences between two values.
   */
  readonly monotonicNow: () => number;
}

/**
 * Milliseconds for which a failed attempt keeps its place among the requests in flight before its delivery is
 * released. The places are limited, and so is the number of tries per second while the
 * cause lasts. Shorter than the time for which a stop waits for requests in flight.
 */
const HOLD_MS = 1_000;
/**
 * Milliseconds after the latest failure until the trouble counts as over, unless a connection succeeds before.
 * Longer than the time between two tries of a delivery.
 */
const OVER_AFTER_MS = 10_000;
/** Minimum milliseconds between two log entries about the same trouble. */
const LOG_EVERY_MS = 60_000;

/**
 * State of the resources that requests need on our own side: file descriptors, memory, ports, the network, the
 * name server, the egress proxy.
 *
 *   fine ── a request can't be sent ──▶ in trouble ── a connection succeeds, or no failure for 10 s ──▶ fine
 */
export class OwnTrouble {
  readonly #options: OwnTroubleOptions;
  #cause: OwnCause | null = null;
  #notedAt = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;
  /** Number of failures since the last log entry. */
  #failures = 0;

  constructor(options: OwnTroubleOptions) {
    this.#options = options;
  }

  /** Sentence that names the cause, for the operator. `null`: nothing is wrong. */
  get reason(): string | null {
    if (this.#cause === null) return null;
    if (this.#options.monotonicNow() - this.#notedAt >= OVER_AFTER_MS) this.#cause = null;
    return this.#cause && OWN_CAUSES[this.#cause];
  }

  /** Must be called when a request could not be sent. `reason` is the explanation of the failure. */
  note(cause: OwnCause, reason: string | null): void {
    const { logger, monotonicNow } = this.#options;
    const now = monotonicNow();
    this.#cause = cause;
    this.#notedAt = now;
    this.#failures += 1;
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    logger.error({ cause, reason, attempts: this.#failures }, 'requests to receivers can not be sent');
    this.#loggedAt = now;
    this.#failures = 0;
  }

  /** Must be called when a new connection to a receiver was opened. */
  noteConnected(): void {
    if (this.#cause !== null) this.#cause = null;
  }

  /** Waits for `HOLD_MS`. */
  async hold(): Promise<void> {
    await timers.setTimeout(HOLD_MS);
  }
}
