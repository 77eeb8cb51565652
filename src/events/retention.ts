import timers from 'node:timers/promises';
import type { Logger } from '../logging/logger.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import type { RetentionCursor, RetentionStore } from '../storage/contracts/retention.ts';

export interface RetentionOptions {
  readonly store: RetentionStore;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What ended longer ago is removed; null keeps it. */
  readonly keepMs: number | null;
  /** Records of the audit log that are older are removed; null keeps them. */
  readonly keepAuditMs: number | null;
  readonly onRemoved: (removed: Removed) => void;
}

export interface Removed {
  readonly events: number;
  readonly deliveries: number;
  readonly webhooks: number;
  readonly auditRecords: number;
}

const NOTHING: Removed = { events: 0, deliveries: 0, webhooks: 0, auditRecords: 0 };

/** A start has better things to do first. */
const FIRST_ROUND_MS = 1_000;
/** From the end of a round to the next, at the most: what grows old meanwhile is a few steps. */
const ROUND_EVERY_MS = 10 * 60_000;
/** Where things are kept for a short time, they are kept a tenth longer at the most. */
const PART_OF_KEPT = 1 / 10;
/** Rows of a step at the most: 3 ms of the database's time, and an fsync. */
export const MOST_ROWS = 200;
export const LEAST_ROWS = 50;
/** A step that took longer was too large for this disk, or stood in the way of a busy database. */
const LONG_STEP_MS = 20;
/** A step is followed by a pause of at least so many times what it took: it may use a tenth of the database. */
const PAUSE_FACTOR = 10;
const LEAST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 10_000;
/** A round makes haste once it has taken so much of the time for which things are kept, and more for each part more. */
const LONG_ROUND = 1 / 100;
/** So many times faster a round may become: half of the database's time is then its own. */
const MOST_HASTE = 10;
/** After a step that failed, for want of disk space most likely. */
const FAILURE_PAUSE_MS = 60_000;

/**
 * How much faster a round is to go on than one that is in no hurry. What comes in faster than it is removed makes
 * rounds longer and longer; their haste grows until they keep up.
 */
export function hasteAfter(roundMs: number, keepMs: number): number {
  return Math.min(MOST_HASTE, 1 + Math.floor(roundMs / (keepMs * LONG_ROUND)));
}

/** How many rows the next step takes, after one of `rows` that took `durationMs`. */
export function nextRows(rows: number, durationMs: number, haste = 1): number {
  if (durationMs > LONG_STEP_MS * haste) return Math.max(LEAST_ROWS, Math.floor(rows / 2));
  return Math.min(MOST_ROWS * haste, rows + LEAST_ROWS);
}

export function pauseAfter(durationMs: number, haste = 1): number {
  return Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, durationMs * PAUSE_FACTOR)) / haste;
}

/**
 * Removes what is old, round after round, in steps so small and so far apart that deliveries don't notice. A busy or
 * slow database makes them smaller and rarer; rounds that fall behind make them larger and less far apart.
 */
export class Retention implements Lifecycle {
  readonly #options: RetentionOptions;
  readonly #stop = new AbortController();
  #rows = LEAST_ROWS;
  #working: Promise<void> | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#working ??= this.#work();
  }

  /** Waits for the step under way; the next start begins a new round. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    await this.#pause(FIRST_ROUND_MS);
    while (!this.#stop.signal.aborted) {
      await this.#round();
      const { keepMs, keepAuditMs } = this.#options;
      const shortest = Math.min(keepMs ?? Number.POSITIVE_INFINITY, keepAuditMs ?? Number.POSITIVE_INFINITY);
      await this.#pause(Math.min(ROUND_EVERY_MS, shortest * PART_OF_KEPT));
    }
  }

  async #round(): Promise<void> {
    const { keepMs, keepAuditMs } = this.#options;
    if (keepMs !== null) await this.#removeEvents(keepMs);
    if (keepAuditMs !== null) await this.#removeAuditRecords(keepAuditMs);
  }

  async #removeEvents(keepMs: number): Promise<void> {
    const { store, now, onRemoved } = this.#options;
    const round = { startedAt: now(), keepMs };
    const before = round.startedAt - keepMs;
    await this.#steps<RetentionCursor>(round, async (after, limit) => {
      const step = await store.removeEvents({ before, after, limit });
      onRemoved({ ...NOTHING, events: step.events, deliveries: step.deliveries });
      return step.after;
    });
    await this.#steps<string>(round, async (after, limit) => {
      const step = await store.removeWebhooks({ after, limit });
      onRemoved({ ...NOTHING, webhooks: step.webhooks });
      return step.after;
    });
  }

  async #removeAuditRecords(keepMs: number): Promise<void> {
    const { store, now, onRemoved } = this.#options;
    const round = { startedAt: now(), keepMs };
    const before = round.startedAt - keepMs;
    // The oldest are always the next: a step needs no place to go on from, but to know that there may be more.
    await this.#steps<'more'>(round, async (_, limit) => {
      const auditRecords = await store.removeAuditRecords({ before, limit });
      onRemoved({ ...NOTHING, auditRecords });
      return auditRecords < limit ? null : 'more';
    });
  }

  /** Makes steps until one says that it was the last. One that fails is made again. */
  async #steps<Cursor>(
    round: { readonly startedAt: number; readonly keepMs: number },
    step: (after: Cursor | null, limit: number) => Promise<Cursor | null>,
  ): Promise<void> {
    const { now, logger } = this.#options;
    let after: Cursor | null = null;
    while (!this.#stop.signal.aborted) {
      const startedAt = now();
      try {
        after = await step(after, this.#rows);
      } catch (error) {
        logger.warn({ err: error }, 'what is old could not be removed');
        await this.#pause(FAILURE_PAUSE_MS);
        continue;
      }
      // The clock may have been set.
      const duration = Math.max(0, now() - startedAt);
      const haste = hasteAfter(Math.max(0, now() - round.startedAt), round.keepMs);
      this.#rows = nextRows(this.#rows, duration, haste);
      await this.#pause(pauseAfter(duration, haste));
      if (after === null) return;
    }
  }

  async #pause(ms: number): Promise<void> {
    await timers.setTimeout(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}
