import timers from 'node:timers/promises';
import type { Logger } from '../logging/logger.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { retry, retryFailures } from '../platform/retry.ts';
import type { Cursor } from '../storage/contracts/page.ts';
import type { RetentionStore } from '../storage/contracts/retention.ts';

export interface RetentionOptions {
  readonly store: RetentionStore;
  readonly logger: Logger;
  /**
   * Returns milliseconds since the epoch, which say how old a row is. They must not follow a jump of the wall
   * clock at once, because a removal cannot be undone.
   */
  readonly now: () => number;
  /** Returns milliseconds of a monotonic clock, which measures steps and rounds. */
  readonly monotonicNow: () => number;
  /** Milliseconds for which events and ended deliveries are kept. `null`: forever. */
  readonly keepMs: number | null;
  /** Milliseconds for which records of the audit log are kept. `null`: forever. */
  readonly keepAuditMs: number | null;
  readonly onRemoved: (removed: Removed) => void;
}

/** Numbers of removed rows, by kind. */
export interface Removed {
  readonly events: number;
  readonly deliveries: number;
  readonly webhooks: number;
  readonly auditRecords: number;
}

const NOTHING: Removed = { events: 0, deliveries: 0, webhooks: 0, auditRecords: 0 };

/**
 * Milliseconds from the start of the service to the first round of removals. The round waits, because the
 * start has more urgent work.
 */
const FIRST_ROUND_MS = 1_000;
/**
 * Maximum milliseconds from the end of a round of removals to the start of the next round. The rows that
 * expire in this time are removed in a few steps.
 */
const MAX_ROUND_INTERVAL_MS = 10 * 60_000;
/** Maximum time between two rounds of removals, as a part of the time for which rows are kept. */
const MAX_ROUND_INTERVAL_SHARE = 1 / 10;
/**
 * Maximum number of rows in a step, which is one transaction, at normal speed. Such a step takes 3 ms of the
 * database's time, and an fsync.
 */
export const MAX_ROWS = 200;
export const MIN_ROWS = 50;
/**
 * Duration in milliseconds above which the next step is made smaller. A longer step means that the step was
 * too large for the disk, or that the database is busy.
 */
const LONG_STEP_MS = 20;
/**
 * Pause after a step, as a multiple of the step's duration, so that retention uses about a tenth of the
 * database's time.
 */
const PAUSE_FACTOR = 10;
const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 10_000;
/**
 * Duration after which a round of removals is too slow, as a part of the time for which rows are kept. Each
 * time that this duration has passed, the speed of the round increases by 1.
 */
const LONG_ROUND_SHARE = 1 / 100;
/**
 * Maximum speed of a round of removals, as a multiple of the normal speed. At this speed, retention uses half
 * of the database's time.
 */
const MAX_SPEED = 10;
/** Milliseconds to wait after a step that failed, most likely because the disk is full. */
const FAILURE_PAUSE_MS = 60_000;

/** Start of a round of removals, and the time for which rows are kept. A round visits all rows once. */
interface Round {
  /** Time of the monotonic clock. */
  readonly startedAt: number;
  /** Milliseconds for which rows are kept. */
  readonly keepMs: number;
}

/**
 * Returns the speed of a round of removals that has lasted `roundMs`. The normal speed is 1. The speed
 * increases by 1 each time that a hundredth of `keepMs` has passed, up to `MAX_SPEED`. At a higher speed,
 * steps are larger and pauses are shorter. A round can therefore end even if rows are added faster than the
 * normal speed removes them.
 */
export function speedAfter(roundMs: number, keepMs: number): number {
  return Math.min(MAX_SPEED, 1 + Math.floor(roundMs / (keepMs * LONG_ROUND_SHARE)));
}

/**
 * Returns the maximum number of rows of the next step. The next step is smaller if a step of `rows` rows took
 * too long, otherwise it is larger.
 */
export function nextRows(rows: number, durationMs: number, speed = 1): number {
  if (durationMs > LONG_STEP_MS * speed) return Math.max(MIN_ROWS, Math.floor(rows / 2));
  return Math.min(MAX_ROWS * speed, rows + MIN_ROWS);
}

/** Returns the milliseconds to pause after a step that took `durationMs`. */
export function pauseAfter(durationMs: number, speed = 1): number {
  return Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, durationMs * PAUSE_FACTOR)) / speed;
}

/**
 * Removes old rows in rounds. Each round makes small steps with pauses between them, so that deliveries are
 * not delayed. If the database is busy or slow, the steps become smaller and the pauses longer. If a round
 * takes too long, the steps become larger and the pauses shorter.
 */
export class Retention implements Lifecycle {
  readonly #options: RetentionOptions;
  readonly #stop = new AbortController();
  #rows = MIN_ROWS;
  #working: Promise<void> | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#working ??= this.#work();
  }

  /**
   * Stops after the step in progress, and waits for its end. The next start begins a new round of removals.
   */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  /**
   * Makes rounds until `stop` is called. Then the current pause or the next one rejects, which ends the loop.
   */
  async #work(): Promise<void> {
    const { keepMs, keepAuditMs } = this.#options;
    const minKeepMs = Math.min(keepMs ?? Number.POSITIVE_INFINITY, keepAuditMs ?? Number.POSITIVE_INFINITY);
    try {
      await this.#pause(FIRST_ROUND_MS);
      for (;;) {
        if (keepMs !== null) await this.#removeEvents(keepMs);
        if (keepAuditMs !== null) await this.#removeAuditRecords(keepAuditMs);
        await this.#pause(Math.min(MAX_ROUND_INTERVAL_MS, minKeepMs * MAX_ROUND_INTERVAL_SHARE));
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  async #removeEvents(keepMs: number): Promise<void> {
    const { store, now, monotonicNow, onRemoved } = this.#options;
    const round = { startedAt: monotonicNow(), keepMs };
    const before = now() - keepMs;
    await this.#steps(round, async (after, limit) => {
      const step = await store.removeEvents({ before, now: before + keepMs, after, limit });
      onRemoved({ ...NOTHING, events: step.events, deliveries: step.deliveries });
      return step.after;
    });
    await this.#steps(round, async (after, limit) => {
      const step = await store.removeWebhooks({ after, limit });
      onRemoved({ ...NOTHING, webhooks: step.webhooks });
      return step.after;
    });
  }

  async #removeAuditRecords(keepMs: number): Promise<void> {
    const { store, now, monotonicNow, onRemoved } = this.#options;
    const round = { startedAt: monotonicNow(), keepMs };
    const before = now() - keepMs;
    // Passes no cursor to the storage, because each step removes the oldest records. The returned cursor only
    // says whether there might be more records to remove.
    await this.#steps(round, async (_, limit) => {
      const auditRecords = await store.removeAuditRecords({ before, limit });
      onRemoved({ ...NOTHING, auditRecords });
      return auditRecords < limit ? null : 'more';
    });
  }

  /** Makes steps until a step returns no cursor. Retries a step that fails. Rejects when `stop` is called. */
  async #steps(
    round: Round,
    step: (after: Cursor | null, limit: number) => Promise<Cursor | null>,
  ): Promise<void> {
    const { monotonicNow, logger } = this.#options;
    const delayAfter = retryFailures(FAILURE_PAUSE_MS, (error) =>
      logger.warn({ err: error }, 'old rows could not be removed'),
    );
    let after: Cursor | null = null;
    do {
      let startedAt = monotonicNow();
      const makeStep = () => {
        startedAt = monotonicNow();
        return step(after, this.#rows);
      };
      after = await retry(makeStep, { delayAfter, signal: this.#stop.signal, onAbort: 'reject' });
      const durationMs = monotonicNow() - startedAt;
      const speed = speedAfter(monotonicNow() - round.startedAt, round.keepMs);
      this.#rows = nextRows(this.#rows, durationMs, speed);
      await this.#pause(pauseAfter(durationMs, speed));
    } while (after !== null);
  }

  /** Waits for `ms` milliseconds. Rejects when `stop` is called. */
  async #pause(ms: number): Promise<void> {
    await timers.setTimeout(ms, undefined, { signal: this.#stop.signal });
  }
}
