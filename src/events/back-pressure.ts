import timers from 'node:timers/promises';

export interface BackPressureOptions {
  /** Deliveries in memory that wait to be sent, are being sent or recorded. */
  readonly buffered: () => number;
  /** From so many on, intake may have to wait. */
  readonly highWater: number;
  /** How busy this thread has been, from 0 to 1, since it was asked the last time. */
  readonly utilization: () => number;
}

/** A thread that is busier is what deliveries wait for, and not their receivers. */
const BUSY = 0.9;
/** Between two looks, in milliseconds: some turns of a busy event loop. */
const LOOK_MS = 10;
/** The longest that one commit is held up, in milliseconds: intake is slowed, never stopped. */
const MAX_WAIT_MS = 100;

/**
 * Slows intake down while it would starve delivery: both are done by one thread, and whoever publishes as fast as they
 * are answered could have all of it. What is accepted then would spill into the database and be claimed from there,
 * which is dearer than to wait. Slow receivers slow nobody down: while they are waited for, the thread is not busy.
 */
export class BackPressure {
  readonly #options: BackPressureOptions;

  constructor(options: BackPressureOptions) {
    this.#options = options;
  }

  /** Fulfils when there is room for new events, and in any case within `MAX_WAIT_MS`. */
  async untilRoom(): Promise<void> {
    for (let waited = 0; waited < MAX_WAIT_MS && this.#isOverloaded(); waited += LOOK_MS)
      await timers.setTimeout(LOOK_MS);
  }

  #isOverloaded(): boolean {
    const { buffered, highWater, utilization } = this.#options;
    return buffered() > highWater && utilization() > BUSY;
  }
}

/** How busy the calling thread's event loop was between two calls. */
export function loopUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
