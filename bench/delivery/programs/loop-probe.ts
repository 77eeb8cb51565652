import { appendFileSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * A module that the benchmark loads into the service (`--import`). It measures how late the event loop was, and for
 * how much of that time the thread was ready while others had the processor. Lines of JSON go to the file that
 * `BENCH_LOOP_PROBE` names.
 */
export interface Lateness {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly lateMs: number;
  /** Milliseconds of `lateMs` in which the thread waited for a processor. */
  readonly waitedMs: number;
}

const LOOK_EVERY_MS = 5;
/** Shorter delays are not written. */
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
 * Returns the time that the main thread has waited for a processor:
 * https://docs.kernel.org/scheduler/sched-stats.html
 */
function waitedMs(): number {
  const [, waitedNs] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(waitedNs) / 1e6;
}
