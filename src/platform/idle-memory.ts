import { flushCompileCache } from 'node:module';
import v8 from 'node:v8';

/** Between two looks, in milliseconds. */
const LOOK_MS = 2_000;
/** A thread that did something for less of that time has nothing to do. */
const IDLE = 0.02;
/** What is worth a collection, which takes some tens of milliseconds. */
const WORTH_BYTES = 8 * 1024 * 1024;

/**
 * Gives back the memory that starting and the last load have taken, once the calling thread has nothing to do. V8
 * collects garbage when more of it is made, so that an idle thread would keep what it had, some tens of MiB, for good.
 * Does nothing where Node runs without `--expose-gc`.
 *
 * What was compiled is kept for the next start at the first such moment, and not at the end as Node would: a service
 * that is killed has none. That takes 0.15 s after an installation's first start, and some milliseconds after others.
 * @returns what ends it
 */
export function collectWhenIdle(): () => void {
  const { gc } = globalThis;
  if (!gc) return () => undefined;
  let load = performance.eventLoopUtilization();
  let kept = 0;
  let isCodeKept = false;
  const look = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(load);
    load = performance.eventLoopUtilization();
    if (utilization <= IDLE && !isCodeKept) {
      isCodeKept = true;
      flushCompileCache();
    }
    // After each busy time there is something to look for, whatever was alive at the last collection.
    if (utilization > IDLE) kept = 0;
    if (utilization > IDLE || heapBytes() < kept + WORTH_BYTES) return;
    // The flavour that compacts, and gives the young generation's room back, too.
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    kept = heapBytes();
  }, LOOK_MS);
  look.unref();
  return () => clearInterval(look);
}

function heapBytes(): number {
  return v8.getHeapStatistics().total_physical_size;
}
