import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Data with which the thread of the copier is started. */
export interface CopierTask {
  readonly file: string;
}

/**
 * Milliseconds without a copy after which the thread ends. It takes 10 MiB, and an idle service needs no copy.
 */
const END_AFTER_MS = 30_000;
/** Maximum size of the thread's heap, in MiB. The thread keeps no data. */
const MAX_HEAP_MIB = 16;
const MAX_YOUNG_MIB = 2;

/** Copies the write-ahead log of a database in a thread of its own, which is started with the first copy. */
export class Copier {
  readonly #file: string;
  readonly #endAfterMs: number;
  #worker: Worker | null = null;
  #end: NodeJS.Timeout | null = null;

  constructor(file: string, endAfterMs = END_AFTER_MS) {
    this.#file = file;
    this.#endAfterMs = endAfterMs;
  }

  /**
   * Copies what is in the log. Fulfils when the copy has ended, even if it has failed or the thread could not
   * be started. Must not be called while a copy is in progress.
   */
  async copy(): Promise<void> {
    if (this.#end) clearTimeout(this.#end);
    const worker = this.#worker ?? this.#start();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    worker.once('message', resolve).once('exit', resolve);
    worker.postMessage('copy');
    await ended;
    worker.off('message', resolve).off('exit', resolve);
    this.#end = setTimeout(() => void this.close(), this.#endAfterMs).unref();
  }

  /** Ends the thread, if it runs. Must not be called while a copy is in progress. */
  async close(): Promise<void> {
    if (this.#end) clearTimeout(this.#end);
    const worker = this.#worker;
    if (!worker) return;
    this.#worker = null;
    const ended = once(worker, 'exit');
    worker.postMessage('close');
    await ended;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./copier-thread.ts', import.meta.url), {
      workerData: { file: this.#file } satisfies CopierTask,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: MAX_YOUNG_MIB },
    });
    // A thread that ends by itself, for example because no file descriptor was left, is started again with the
    // next copy. Its error needs no report, because `exit` follows.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    this.#worker = worker;
    return worker;
  }
}
