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
 * @returns what ends it
 */
export function giveBackWhenIdle(): () => void {
  const { gc } = globalThis;
  if (!gc) return () => undefined;
  let load = performance.eventLoopUtilization();
  let kept = 0;
  const look = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(load);
    load = performance.eventLoopUtilization();
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
