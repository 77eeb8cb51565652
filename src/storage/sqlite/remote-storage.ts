import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ApiError, type ErrorCode } from '../../errors.ts';
import type { Storage } from '../storage.ts';
import type { SqliteOptions } from './database.ts';

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
 */
export async function openRemoteSqliteStorage(options: SqliteOptions): Promise<Storage> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options });
  await once(worker, 'message');
  const calls = new Calls(worker);
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
    recoveries: store('recoveries') as Storage['recoveries'],
    queue: store('queue') as Storage['queue'],
    close: () => calls.close(),
  };
}

/** Calls under way, matched with their answers. */
class Calls {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #ended: Error | null = null;
  #closed: Promise<void> | null = null;
  #lastId = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (answer: Answer) => this.#settle(answer));
    worker.on('error', (error) => this.#end(new Error('the database thread failed', { cause: error })));
    worker.on('exit', () => this.#end(new Error('the database is closed')));
  }

  make(store: string | null, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
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
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.ok) waiting?.resolve(answer.value);
    else waiting?.reject(asError(answer.error));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

function asError({ code, message }: { code: ErrorCode | null; message: string }): Error {
  return code === null ? new Error(`storage: ${message}`) : new ApiError(code, message);
}
