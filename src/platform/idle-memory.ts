import { flushCompileCache } from 'node:module';
import v8 from 'node:v8';

/** Milliseconds between two checks. */
const CHECK_EVERY_MS = 2_000;
/** Part of that time below which a thread counts as idle. */
const IDLE = 0.02;
/** Minimum heap growth for a collection, which takes tens of milliseconds. */
const MIN_GROWTH_BYTES = 8 * 1024 * 1024;

/**
 * Releases memory of the start and of the last load whenever the calling thread is idle. V8 collects garbage only when more
 * is allocated, so an idle thread would keep tens of MiB forever. Does nothing if Node runs without `--expose-gc`.
 *
 * At the first idle moment it also stores compiled code for the next start. Node would do this at the end of the process,
 * but a killed process has no such end. It takes 0.15 s after the first start of an installation, later some milliseconds.
 * @returns a function that ends the checks
 */
export function collectWhenIdle(): () => void {
  const { gc } = globalThis;
  if (!gc) return () => undefined;
  let load = performance.eventLoopUtilization();
  let heapAfterCollection = 0;
  let isCodeStored = false;
  const timer = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(load);
    load = performance.eventLoopUtilization();
    if (utilization <= IDLE && !isCodeStored) {
      isCodeStored = true;
      flushCompileCache();
    }
    // After a busy time a collection is worthwhile, whatever size the heap had after the last one.
    if (utilization > IDLE) heapAfterCollection = 0;
    if (utilization > IDLE || heapBytes() < heapAfterCollection + MIN_GROWTH_BYTES) return;
    // This flavor compacts the heap, and also releases the memory of the young generation.
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    heapAfterCollection = heapBytes();
  }, CHECK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function heapBytes(): number {
  return v8.getHeapStatistics().total_physical_size;
}
