import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Entry of the file that this module writes. The benchmark loads the module into the service (`--import`).
 * The module measures how late the event loop was, and for how much of that time its thread was ready while
 * other threads had the processor. It writes each entry as a line of JSON to the file that `BENCH_LOOP_PROBE`
 * names.
 */
export interface Lateness {
  /** Time of the measurement, in milliseconds since the epoch. */
  readonly at: number;
  readonly lateMs: number;
  /** Milliseconds in which the thread waited for a processor since the last measurement. */
  readonly waitedMs: number;
}

const LOOK_EVERY_MS = 5;
/** Minimum delay in milliseconds that is written to the file. */
const MIN_LATE_MS = 10;

const file = process.env.BENCH_LOOP_PROBE;
if (file && isMainThread) watch(file);

function watch(path: string): void {
  let [lookedAt, waited] = [performance.now(), waitedMs()];
  setInterval(() => {
    const [now, waitedNow] = [performance.now(), waitedMs()];
    const lateMs = now - lookedAt - LOOK_EVERY_MS;
    const lateness: Lateness = { at: Date.now(), lateMs, waitedMs: waitedNow - waited };
    if (lateMs >= MIN_LATE_MS) appendFileSync(path, `${JSON.stringify(lateness)}\n`);
    [lookedAt, waited] = [performance.now(), waitedMs()];
  }, LOOK_EVERY_MS).unref();
}

/**
 * Returns the milliseconds for which the main thread has waited for a processor since its start:
 * https://docs.kernel.org/scheduler/sched-stats.html
 */
function waitedMs(): number {
  const [, waitedNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(waitedNs) / 1e6;
}
