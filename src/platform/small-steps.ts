import timers from 'node:timers/promises';
import { retry, retryFailures } from './retry.ts';

/** Maximum number of rows in a step, which is one transaction, at normal speed. */
export const MAX_ROWS = 200;
export const MIN_ROWS = 50;
/**
 * Maximum factor by which a high speed makes a step larger. Pauses become shorter at any speed. A step that grew
 * with the speed would hold the database for up to 50 ms.
 */
const MAX_GROWTH = 4;
/**
 * Duration in milliseconds above which the next step is made smaller. A longer step means that the step was
 * too large for the disk, or that the database is busy.
 */
const LONG_STEP_MS = 20;
/**
 * Pause after a step, as a multiple of the step's duration, so that the steps use about a tenth of the
 * database's time.
 */
const PAUSE_FACTOR = 10;
const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 10_000;
/** Milliseconds to wait after a step that failed, most likely because the disk is full. */
const FAILURE_PAUSE_MS = 60_000;

/**
 * Returns the maximum number of rows of the next step. The next step is smaller if a step of `rows` rows took
 * too long, otherwise it is larger.
 */
export function nextRows(rows: number, durationMs: number, speed = 1): number {
  if (durationMs > LONG_STEP_MS * speed) return Math.max(MIN_ROWS, Math.floor(rows / 2));
  return Math.min(MAX_ROWS * Math.min(speed, MAX_GROWTH), rows + MIN_ROWS);
}

/** Returns the milliseconds to pause after a step that took `durationMs`. */
export function pauseAfter(durationMs: number, speed = 1): number {
  return Math.min(MAX_PAUSE_MS, Math.max(MIN_PAUSE_MS, durationMs * PAUSE_FACTOR)) / speed;
}

/**
 * Makes one step.
 * @param after what the previous step returned; `null`: this is the first step
 * @param rows maximum number of rows that the step reads or changes
 * @returns where the next step continues; `null`: no step is left
 */
export type Step<Place> = (after: Place | null, rows: number) => Promise<Place | null>;

export interface SmallStepsOptions {
  /** Returns milliseconds of a monotonic clock. */
  readonly monotonicNow: () => number;
  /** An abort of this signal ends the pause after a step, and no further step begins. */
  readonly signal: AbortSignal;
  /** Called with the error of each step that failed. The step is retried a minute later. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Does a large piece of work on the database in small steps, with pauses between them, so that nothing else
 * waits for it. If the database is busy or slow, the steps become smaller and the pauses longer.
 */
export class SmallSteps {
  readonly #options: SmallStepsOptions;
  #rows = MIN_ROWS;

  constructor(options: SmallStepsOptions) {
    this.#options = options;
  }

  /**
   * Makes steps until a step returns `null`. Rejects with the signal's reason when the signal is aborted.
   * @param speed returns the present speed, as a multiple of the normal speed
   */
  async take<Place>(step: Step<Place>, speed: () => number = () => 1): Promise<void> {
    const { monotonicNow, signal, onFailure } = this.#options;
    const delayAfter = retryFailures(FAILURE_PAUSE_MS, onFailure);
    let after: Place | null = null;
    do {
      let startedAt = monotonicNow();
      const makeStep = () => {
        startedAt = monotonicNow();
        return step(after, this.#rows);
      };
      after = await retry(makeStep, { delayAfter, signal, onAbort: 'reject' });
      const durationMs = monotonicNow() - startedAt;
      const present = speed();
      this.#rows = nextRows(this.#rows, durationMs, present);
      await timers.setTimeout(pauseAfter(durationMs, present), undefined, { signal });
    } while (after !== null);
  }
}
