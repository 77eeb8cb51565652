import timers from 'node:timers/promises';

export interface BackPressureOptions {
  /** Returns the number of deliveries in memory: waiting, in flight, or not yet recorded. */
  readonly buffered: () => number;
  /** Number of buffered deliveries above which intake may have to wait. */
  readonly highWater: number;
  /** Returns the utilization of this thread, from 0 to 1, since the last call. */
  readonly utilization: () => number;
}

/** Utilization above which deliveries wait for this thread, and not for their receivers. */
const BUSY = 0.9;
/** Milliseconds between two checks: some turns of a busy event loop. */
const CHECK_MS = 10;
/** Maximum milliseconds for which one commit waits. Intake is slowed, but never stopped. */
const MAX_WAIT_MS = 100;

/**
 * Slows intake down when it would starve delivery. One thread does both, and publishers that send as fast as they are
 * answered could use all of it. Accepted events would then overflow into the database, and claiming them from there
 * costs more than waiting. Slow receivers slow no publisher down: the thread is not busy while it waits for them.
 */
export class BackPressure {
  readonly #options: BackPressureOptions;

  constructor(options: BackPressureOptions) {
    this.#options = options;
  }

  /** Fulfils when there is room for new events, and always within `MAX_WAIT_MS`. */
  async untilRoom(): Promise<void> {
    for (let waited = 0; waited < MAX_WAIT_MS && this.#isOverloaded(); waited += CHECK_MS)
      await timers.setTimeout(CHECK_MS);
  }

  #isOverloaded(): boolean {
    const { buffered, highWater, utilization } = this.#options;
    return buffered() > highWater && utilization() > BUSY;
  }
}

/** Returns a function that measures the utilization of the calling thread's event loop since its last call. */
export function loopUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
