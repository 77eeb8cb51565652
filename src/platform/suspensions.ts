import type { MachineClocks } from './steady-clock.ts';
import { MIN_CLOCK_JUMP_MS } from './steady-time.ts';

/**
 * Tells whether the machine was suspended while something was in progress. While a machine is suspended, its
 * monotonic clock stands still, and the time since its boot passes.
 */
export class Suspensions {
  readonly #clocks: MachineClocks;
  /** Difference between the wall clock and the monotonic clock at the last check. */
  #wallOffsetMs: number;
  /** Milliseconds for which the machine was suspended since its boot, at the last check that read them. */
  #suspendedMs: number;
  /** Time of the monotonic clock at which the last suspension was noticed. */
  #noticedAt = Number.NEGATIVE_INFINITY;

  constructor(clocks: MachineClocks) {
    this.#clocks = clocks;
    this.#wallOffsetMs = this.#wallOffset();
    this.#suspendedMs = this.#suspended();
  }

  /**
   * Notices a suspension since the last check. Must be called every second, so that it is known when a
   * suspension was.
   */
  check(): void {
    const offset = this.#wallOffset();
    const jumpedMs = offset - this.#wallOffsetMs;
    this.#wallOffsetMs = offset;
    // A suspension moves the wall clock, too. Its two clocks are cheap to read, and the time since the boot is not.
    if (jumpedMs < MIN_CLOCK_JUMP_MS) return;
    const suspended = this.#suspended();
    if (suspended - this.#suspendedMs >= MIN_CLOCK_JUMP_MS) this.#noticedAt = this.#clocks.monotonicNow();
    this.#suspendedMs = suspended;
  }

  /**
   * Returns whether the machine was suspended since `startedAt`, a time of the monotonic clock. Might return true
   * for what has started up to a second after the machine woke.
   */
  hasBeenSince(startedAt: number): boolean {
    this.check();
    return startedAt <= this.#noticedAt;
  }

  #wallOffset(): number {
    return this.#clocks.wallNow() - this.#clocks.monotonicNow();
  }

  #suspended(): number {
    return this.#clocks.upNow() - this.#clocks.monotonicNow();
  }
}
