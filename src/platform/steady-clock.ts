import { aheadMsOf, MIN_CLOCK_JUMP_MS } from './steady-time.ts';

/** Clocks of the machine. The program reads all clocks through one object of this kind. */
export interface MachineClocks {
  /** Returns the time of day in milliseconds since the epoch. It can be set, forward and back. */
  readonly wallNow: () => number;
  /**
   * Returns milliseconds of a clock that nobody can set. It need not count the time for which the machine is
   * suspended: on Linux, it does not.
   */
  readonly monotonicNow: () => number;
  /** Returns milliseconds since the boot of the machine, with the time for which it was suspended. */
  readonly upNow: () => number;
}

/** A change of the wall clock that is not the passing of time. */
export interface ClockJump {
  /** Milliseconds by which the wall clock was set. Negative: it was set back. */
  readonly byMs: number;
  /** Milliseconds for which the machine was suspended. The steady clock has counted them. */
  readonly suspendedMs: number;
}

/** Milliseconds after a jump of the wall clock from which `settledNow` follows it. */
const SETTLED_AFTER_MS = 3_600_000;

/**
 * Clock for durations in the form of a date: milliseconds since the epoch that begin with the wall clock's
 * time and then pass evenly, whatever happens to the wall clock. Times of this clock can be stored and
 * compared, even in later processes, if `startAt` continues the clock of the process before.
 */
export class SteadyClock {
  readonly #clocks: MachineClocks;
  #base: number;
  /** Difference between the steady clock and the wall clock at the last check. */
  #checkedAheadMs: number;
  /** Difference between the steady clock and the wall clock before the jumps of the last hour. */
  #settledAheadMs: number;
  /** Time of the last jump, while it is not settled. */
  #jumpedAt: number | null = null;
  /** Milliseconds for which the machine was suspended since its boot, at the last check. */
  #suspendedMs: number;

  constructor(clocks: MachineClocks, startAt = clocks.wallNow()) {
    this.#clocks = clocks;
    this.#base = startAt - clocks.monotonicNow();
    this.#checkedAheadMs = startAt - clocks.wallNow();
    this.#settledAheadMs = this.#checkedAheadMs;
    this.#suspendedMs = this.#sinceBoot();
  }

  /** Returns the time of the steady clock, in whole milliseconds. */
  readonly now = (): number => Math.floor(this.#base + this.#clocks.monotonicNow());

  /** Returns the milliseconds by which this clock is ahead of the wall clock. Negative: it is behind. */
  readonly aheadMs = (): number => aheadMsOf(this.now(), this.#clocks.wallNow());

  /** Returns the wall clock's time at which this clock shows `at`, for people. `null` stays `null`. */
  readonly toWall = <T extends number | null>(at: T): T | number => (at === null ? at : at - this.aheadMs());

  /**
   * Returns the wall clock's time, but without jumps forward of the last hour. So what cannot be undone is not
   * done while somebody might still correct the wall clock.
   */
  readonly settledNow = (): number => {
    const now = this.now();
    if (this.#jumpedAt !== null && now - this.#jumpedAt >= SETTLED_AFTER_MS) {
      this.#settledAheadMs = this.#checkedAheadMs;
      this.#jumpedAt = null;
    }
    return Math.min(this.#clocks.wallNow(), now - this.#settledAheadMs);
  };

  /**
   * Compares the clocks with those of the last check. Must be called every few seconds.
   * @returns the jump of the wall clock since the last check. `null`: the wall clock did not jump
   */
  check(): ClockJump | null {
    const ahead = this.now() - this.#clocks.wallNow();
    const byMs = this.#checkedAheadMs - ahead;
    if (Math.abs(byMs) < MIN_CLOCK_JUMP_MS) return null;
    const suspendedMs = byMs > 0 ? this.#countSuspension(byMs) : 0;
    this.#checkedAheadMs = ahead + suspendedMs;
    this.#jumpedAt = this.now();
    return { byMs: byMs - suspendedMs, suspendedMs };
  }

  /**
   * Adds the time for which the machine was suspended since the last check. Adds at most `mostMs`, because a
   * suspension moves the wall clock by the same time.
   */
  #countSuspension(mostMs: number): number {
    const suspended = this.#sinceBoot();
    const added = Math.min(mostMs, suspended - this.#suspendedMs);
    this.#suspendedMs = suspended;
    if (added < MIN_CLOCK_JUMP_MS) return 0;
    this.#base += added;
    return added;
  }

  #sinceBoot(): number {
    return this.#clocks.upNow() - this.#clocks.monotonicNow();
  }
}
