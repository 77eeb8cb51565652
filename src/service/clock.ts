import { uptime } from 'node:os';
import type { Logger } from '../logging/logger.ts';
import type { Stops } from '../platform/lifecycle.ts';
import { type MachineClocks, SteadyClock } from '../platform/steady-clock.ts';
import type { Suspensions } from '../platform/suspensions.ts';
import type { Queue } from '../storage/contracts/queue.ts';

/** Clocks of this machine. */
export const MACHINE_CLOCKS: MachineClocks = {
  wallNow: Date.now,
  monotonicNow: () => performance.now(),
  upNow: () => uptime() * 1_000,
};

/** Milliseconds between two comparisons of the clocks. A jump is reported at most this much later. */
const CHECK_EVERY_MS = 1_000;
/** Minimum milliseconds by which the clock was set back while the service was stopped, for the log. */
const MIN_REPORTED_MS = 1_000;

/**
 * Opens the steady clock. It continues where the last process saved it. Usually, the time for which no process
 * ran has passed on it, too. If the wall clock was set back in this time, nobody knows how much time has
 * passed, and the steady clock continues at the saved time.
 */
export async function openSteadyClock(
  queue: Pick<Queue, 'savedClock'>,
  clocks: MachineClocks,
  logger: Logger,
): Promise<SteadyClock> {
  const saved = await queue.savedClock();
  const wall = clocks.wallNow();
  if (!saved) return new SteadyClock(clocks, wall);
  const expected = wall + saved.aheadMs;
  if (saved.at - expected >= MIN_REPORTED_MS) reportJump(logger, expected - saved.at);
  return new SteadyClock(clocks, Math.max(expected, saved.at));
}

export interface ClockWatch {
  readonly clock: SteadyClock;
  readonly suspensions: Suspensions;
  readonly queue: Pick<Queue, 'saveClock'>;
  readonly logger: Logger;
  /** Called when the machine was suspended. */
  readonly onSuspended: () => void;
}

/** Watches for jumps of the wall clock: logs them, and saves the state of the steady clock. */
export function watchClock(
  { clock, suspensions, queue, logger, onSuspended }: ClockWatch,
  stops: Stops,
): void {
  const check = () => {
    suspensions.check();
    const jump = clock.check();
    if (!jump) return;
    const { byMs, suspendedMs } = jump;
    if (byMs !== 0) {
      reportJump(logger, byMs);
      // Ignores a failure, because the next commit of events or attempts saves the clock, too.
      queue.saveClock({ at: clock.now(), aheadMs: clock.aheadMs() }).catch(() => undefined);
    }
    if (suspendedMs > 0) {
      logger.info({ seconds: Math.round(suspendedMs / 1_000) }, 'the machine was suspended');
      onSuspended();
    }
  };
  const timer = setInterval(check, CHECK_EVERY_MS).unref();
  stops.push(() => clearInterval(timer));
}

function reportJump(logger: Logger, byMs: number): void {
  logger.warn({ seconds: Math.round(byMs / 1_000) }, 'the clock was set; what waits is not affected');
}
