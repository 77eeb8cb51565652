import timers from 'node:timers/promises';
import type { Logger } from '../logging/logger.ts';
import { BackgroundWork } from '../platform/background-work.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { SmallSteps, type Step } from '../platform/small-steps.ts';
import type { Cursor } from '../storage/contracts/page.ts';
import type { RetentionStore } from '../storage/contracts/retention.ts';

export interface RetentionOptions {
  readonly store: Pick<RetentionStore, 'removeEvents' | 'removeWebhooks' | 'removeAuditRecords'>;
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
  /** Number of pending deliveries that were ended, because their webhook is paused for too long. */
  readonly expired: number;
  readonly webhooks: number;
  readonly auditRecords: number;
}

const NOTHING: Removed = { events: 0, deliveries: 0, expired: 0, webhooks: 0, auditRecords: 0 };

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
 * Duration after which a round of removals is too slow, as a part of the time for which rows are kept. Each
 * time that this duration has passed, the speed of the round increases by 1.
 */
const LONG_ROUND_SHARE = 1 / 100;
/**
 * Maximum speed of a round of removals, as a multiple of the normal speed. At this speed, retention uses half
 * of the database's time.
 */
const MAX_SPEED = 10;

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
 * Removes old rows in rounds. Each round makes small steps with pauses between them, so that deliveries are
 * not delayed. If the database is busy or slow, the steps become smaller and the pauses longer. If a round
 * takes too long, the steps become larger and the pauses shorter.
 */
export class Retention implements Lifecycle {
  readonly #options: RetentionOptions;
  readonly #background = new BackgroundWork(() => this.#work());
  readonly #small: SmallSteps;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#small = new SmallSteps({
      monotonicNow: options.monotonicNow,
      signal: this.#background.signal,
      onFailure: (err) => options.logger.warn({ err }, 'old rows could not be removed'),
    });
  }

  start(): Promise<void> {
    return this.#background.start();
  }

  /**
   * Stops after the step in progress, and waits for its end. The next start begins a new round of removals.
   */
  stop(): Promise<void> {
    return this.#background.stop();
  }

  /**
   * Makes rounds until `stop` is called. Then the current pause or the next one rejects, which ends the loop.
   */
  async #work(): Promise<void> {
    const { keepMs, keepAuditMs } = this.#options;
    const minKeepMs = Math.min(keepMs ?? Number.POSITIVE_INFINITY, keepAuditMs ?? Number.POSITIVE_INFINITY);
    await this.#pause(FIRST_ROUND_MS);
    for (;;) {
      if (keepMs !== null) await this.#removeEvents(keepMs);
      if (keepAuditMs !== null) await this.#removeAuditRecords(keepAuditMs);
      await this.#removeWebhooks();
      await this.#pause(Math.min(MAX_ROUND_INTERVAL_MS, minKeepMs * MAX_ROUND_INTERVAL_SHARE));
    }
  }

  async #removeEvents(keepMs: number): Promise<void> {
    const { store, now, monotonicNow, onRemoved } = this.#options;
    const round = { startedAt: monotonicNow(), keepMs };
    const before = now() - keepMs;
    await this.#steps(round, async (after, limit) => {
      const step = await store.removeEvents({ before, now: before + keepMs, after, limit });
      const { after: next, ...counts } = step;
      onRemoved({ ...NOTHING, ...counts });
      return next;
    });
  }

  /**
   * Removes deleted webhooks that have no deliveries left. Does so even if events are kept forever, because a
   * webhook that never had a delivery would otherwise stay forever, too.
   */
  async #removeWebhooks(): Promise<void> {
    const { store, onRemoved } = this.#options;
    await this.#small.take<Cursor>(async (after, limit) => {
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
  #steps({ startedAt, keepMs }: Round, step: Step<Cursor>): Promise<void> {
    const { monotonicNow } = this.#options;
    return this.#small.take(step, () => speedAfter(monotonicNow() - startedAt, keepMs));
  }

  /** Waits for `ms` milliseconds. Rejects when `stop` is called. */
  async #pause(ms: number): Promise<void> {
    await timers.setTimeout(ms, undefined, { signal: this.#background.signal });
  }
}
