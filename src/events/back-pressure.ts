import timers from 'node:timers/promises';

export interface BackPressureOptions {
  /** Returns the number of deliveries in memory: waiting, in flight, or not yet recorded. */
  readonly buffered: () => number;
  /** Number of buffered deliveries above which commits of new events might have to wait. */
  readonly highWater: number;
  /** Returns the utilization of this thread's event loop since the last call, from 0 to 1. */
  readonly utilization: () => number;
}

/**
 * Utilization above which the thread counts as busy. Deliveries then wait for this thread, not for their
 * receivers.
 */
const BUSY = 0.9;
/** Milliseconds between two checks. In this time a busy event loop makes some turns. */
const CHECK_MS = 10;
/** Maximum milliseconds for which one commit waits, so that new events are delayed but never stopped. */
const MAX_WAIT_MS = 100;

/**
 * Delays commits of new events while the process has too little time to deliver events. One thread both
 * accepts and delivers events. Fast publishers could keep this thread so busy that deliveries no longer fit
 * into memory and have to wait in the database. Claiming them from there costs more time than the delay. Slow
 * receivers cause no delay, because the thread is not busy while it waits for receivers.
 */
export class BackPressure {
  readonly #options: BackPressureOptions;

  constructor(options: BackPressureOptions) {
    this.#options = options;
  }

  /** Waits while the process is overloaded, but for at most `MAX_WAIT_MS`. */
  async untilRoom(): Promise<void> {
    for (let waited = 0; waited < MAX_WAIT_MS && this.#isOverloaded(); waited += CHECK_MS)
      await timers.setTimeout(CHECK_MS);
  }

  #isOverloaded(): boolean {
    const { buffered, highWater, utilization } = this.#options;
    return buffered() > highWater && utilization() > BUSY;
  }
}

/**
 * Returns a function that measures the utilization of the calling thread's event loop since its last call.
 */
export function loopUtilization(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
