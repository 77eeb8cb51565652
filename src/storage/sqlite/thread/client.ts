import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, ServiceError } from '../../../domain/errors.ts';
import { Slots } from '../../../platform/slots.ts';
import type { Storage } from '../../contracts/storage.ts';
import type { SqliteOptions } from '../database.ts';

/** What the thread keeps is small; without a bound V8 would let hundreds of MiB of garbage pile up. */
const MAX_HEAP_MIB = 256;
/** Half of what V8 takes by itself: rows live for one call, so that more of it costs memory and saves no time. */
const MAX_YOUNG_MIB = 24;

/** A call of one method of the storage contracts, on its way to the thread that owns the database. */
export interface Call {
  readonly id: number;
  /** A property of `Storage`, or null for a method of `Storage` itself. */
  readonly store: string | null;
  readonly method: string;
  readonly args: readonly unknown[];
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: { code: ErrorCode | null; message: string } };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * The storage contracts over one SQLite file, in a worker thread of their own.
 * Batches cross the thread boundary whole, so its cost is one message each way a transaction.
 * @param onLost called once when the thread ends before `close` was asked for; every call rejects from then on
 */
export async function openRemoteSqliteStorage(
  options: SqliteOptions,
  onLost: (error: Error) => void = () => undefined,
): Promise<Storage> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: options,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB, maxYoungGenerationSizeMb: MAX_YOUNG_MIB },
  });
  await once(worker, 'message');
  const calls = new Calls(worker, onLost);
  const store = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method: string) =>
          (...args: unknown[]) =>
            calls.make(name, method, args),
      },
    );
  return {
    accounts: store('accounts') as Storage['accounts'],
    apiKeys: store('apiKeys') as Storage['apiKeys'],
    webhooks: store('webhooks') as Storage['webhooks'],
    media: store('media') as Storage['media'],
    events: store('events') as Storage['events'],
    deliveries: store('deliveries') as Storage['deliveries'],
    bulkResends: store('bulkResends') as Storage['bulkResends'],
    queue: store('queue') as Storage['queue'],
    retention: store('retention') as Storage['retention'],
    encryption: store('encryption') as Storage['encryption'],
    audit: store('audit') as Storage['audit'],
    close: () => calls.close(),
  };
}

/** Calls under way, matched with their answers. */
class Calls {
  readonly #worker: Worker;
  readonly #waiting = new Slots<Waiting>();
  readonly #onLost: (error: Error) => void;
  #ended: Error | null = null;
  #closed: Promise<void> | null = null;

  constructor(worker: Worker, onLost: (error: Error) => void) {
    this.#worker = worker;
    this.#onLost = onLost;
    worker.on('message', (answer: Answer) => this.#settle(answer));
    worker.on('error', (error) => this.#end(new Error('the database thread failed', { cause: error })));
    worker.on('exit', (code) => this.#end(this.#exitError(code)));
  }

  make(store: string | null, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = this.#waiting.add({ resolve, reject });
    this.#worker.postMessage({ id, store, method, args } satisfies Call);
    return promise;
  }

  /** Fulfils when all calls made before are carried out, and the thread's database is closed. */
  close(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#closed ??= this.make(null, 'close', []) as Promise<void>;
    return this.#closed;
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.remove(answer.id);
    if (answer.ok) waiting?.resolve(answer.value);
    else waiting?.reject(asError(answer.error));
  }

  #exitError(code: number): Error {
    return new Error(this.#closed ? 'the database is closed' : `the database thread ended with code ${code}`);
  }

  #end(error: Error): void {
    const isLost = !this.#ended && !this.#closed;
    this.#ended ??= error;
    for (const waiting of this.#waiting.all()) waiting.reject(this.#ended);
    if (isLost) this.#onLost(error);
  }
}

function asError({ code, message }: { code: ErrorCode | null; message: string }): Error {
  return code === null ? new Error(`storage: ${message}`) : new ServiceError(code, message);
}
