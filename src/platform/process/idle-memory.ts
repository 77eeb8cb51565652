import { flushCompileCache } from 'node:module';
import v8 from 'node:v8';

/** Milliseconds between two checks of whether the thread is idle. */
const CHECK_EVERY_MS = 2_000;
/**
 * A thread counts as idle if it has used a processor for at most this share of the time since the last check. The time
 * for which it waited for a processor does not count, otherwise an idle thread would collect all the time on a machine
 * that is busy with something else.
 */
const IDLE = 0.02;
/**
 * Garbage is collected only if the heap has grown by this number of bytes since the last collection, because
 * a collection takes tens of milliseconds.
 */
const MIN_GROWTH_BYTES = 8 * 1024 * 1024;

/**
 * Collects garbage whenever the calling thread is idle. This releases the memory that the start or the last
 * load of the thread has used. V8 itself collects garbage only when the thread allocates more memory, so an
 * idle thread would keep tens of MiB forever. Does nothing if Node runs without `--expose-gc`.
 *
 * When the thread is idle for the first time, the compiled code is also stored for the next start. Node would
 * store it at the end of the process, but a killed process does not reach its end. Storing takes 0.15 s after
 * the first start of an installation, and some milliseconds after later starts.
 * @returns a function that ends the checks
 */
export function collectWhenIdle(): () => void {
  const { gc } = globalThis;
  if (!gc) return () => undefined;
  let used = usedMs();
  let checkedAt = performance.now();
  let heapAfterCollection = 0;
  let isCodeStored = false;
  const timer = setInterval(() => {
    const isIdle = usedMs() - used <= IDLE * (performance.now() - checkedAt);
    used = usedMs();
    checkedAt = performance.now();
    if (isIdle && !isCodeStored) {
      isCodeStored = true;
      flushCompileCache();
    }
    // When the thread becomes idle after a busy time, garbage is collected even if the heap has not grown.
    if (!isIdle) heapAfterCollection = 0;
    if (!isIdle || heapBytes() < heapAfterCollection + MIN_GROWTH_BYTES) return;
    // The flavor `last-resort` compacts the heap, and also releases the memory of V8's young generation.
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    heapAfterCollection = heapBytes();
    // The collection itself does not make the thread busy.
    used = usedMs();
  }, CHECK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Milliseconds for which the calling thread has used a processor. */
function usedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function heapBytes(): number {
  return v8.getHeapStatistics().total_physical_size;
}
