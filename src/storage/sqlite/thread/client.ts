import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ServiceError } from '../../../domain/errors.ts';
import { Slots } from '../../../platform/slots.ts';
import type { Storage } from '../../contracts/storage.ts';
import type { SqliteOptions } from '../database.ts';
import { type Answer, type Call, type PortableError, STORE_NAMES, type StoreName } from './protocol.ts';

/**
 * Maximum heap size of the thread, in MiB. The thread needs little memory, but without a limit, V8 would let
 * hundreds of MiB of garbage accumulate.
 */
const MAX_HEAP_MIB = 256;
/**
 * Maximum size of V8's young generation (the heap for new objects), in MiB. The value is half of V8's
 * default. A larger young generation would cost memory and save no time, because rows live only for one call.
 */
const MAX_YOUNG_MIB = 24;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * Opens a storage that keeps its data in one SQLite file and runs in a worker thread of its own. Each call
 * sends its whole batch in one message. So a transaction costs one message to the thread and one message
 * back.
 * @param onLost called once when the thread ends although `close` was not called; afterwards, every call
 * rejects
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
  const stores = Object.fromEntries(STORE_NAMES.map((name) => [name, remoteStore(calls, name)]));
  return { ...(stores as Pick<Storage, StoreName>), close: () => calls.close() };
}

/** Makes a store whose methods send calls to the database's thread. */
function remoteStore(calls: Calls, name: StoreName): object {
  const call =
    (_: object, method: string) =>
    (...args: unknown[]) =>
      calls.make(name, method, args);
  return new Proxy({}, { get: call });
}

/** Sends calls to the database's thread, and keeps each call until its answer arrives. */
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

  make(store: StoreName | null, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = this.#waiting.add({ resolve, reject });
    this.#worker.postMessage({ id, store, method, args } satisfies Call);
    return promise;
  }

  /** Fulfils when all earlier calls have ended and the thread's database is closed. */
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

function asError({ code, message }: PortableError): Error {
  return code === null ? new Error(`storage: ${message}`) : new ServiceError(code, message);
}
