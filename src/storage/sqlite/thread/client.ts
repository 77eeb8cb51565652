import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { ServiceError } from '../../../domain/errors.ts';
import type { Storage } from '../../contracts/storage.ts';
import type { SqliteOptions } from '../database.ts';
import { Calls } from './calls.ts';
import { methodsOf, STORE_NAMES, type StoreName } from './methods.ts';
import type { ThreadTask } from './protocol.ts';

/**
 * Maximum heap size of a thread, in MiB. A thread needs little memory, but without a limit, V8 would let
 * hundreds of MiB of garbage accumulate.
 */
const MAX_HEAP_MIB = { writer: 256, reader: 128 } as const;
/**
 * Maximum size of V8's young generation (the heap for new objects), in MiB. The value of the writer is half of
 * V8's default. A larger young generation would cost memory and save no time, because rows live only for one
 * call.
 */
const MAX_YOUNG_MIB = { writer: 24, reader: 12 } as const;

export interface RemoteCallbacks {
  /**
   * Called once when a thread ends although `close` was not called. Afterwards, every call of that thread
   * rejects.
   */
  readonly onLost?: ((error: Error) => void) | undefined;
  /** Called for each call of an account that is refused because too many of its calls wait. */
  readonly onRefused?: (() => void) | undefined;
}

/**
 * Opens a storage that keeps its data in one SQLite file and runs in two worker threads: one commits, the
 * other reads. `METHODS` says which thread carries out a method. Each call sends its whole batch in one
 * message. So a transaction costs one message to the thread and one message back.
 */
export async function openRemoteSqliteStorage(
  options: SqliteOptions,
  { onLost = () => undefined, onRefused = () => undefined }: RemoteCallbacks = {},
): Promise<Storage> {
  const worker = startThread({ role: 'writer', options });
  await once(worker, 'message');
  const writer = new Calls(worker, { onLost, onRefused, isOpen: true });
  let started: Calls | null = null;
  // Starts the reader with the first read, so that it delays neither the start of the service nor commands
  // that only write.
  const reader = () => {
    started ??= new Calls(startThread({ role: 'reader', options }), {
      onLost: (error, wasOpen) => {
        if (wasOpen) onLost(error);
        // A reader that could not open the database is started again with the next read.
        else started = null;
      },
      onRefused,
    });
    return started;
  };
  let closing: Promise<void> | null = null;
  const close = async () => {
    // Both threads are closed even if one of them fails. A thread that is left would keep the process alive.
    const ended = await Promise.allSettled([started?.close(), writer.close()]);
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  };
  // A request whose client has gone away can still be running when the storage is closed. Its calls must not
  // reach a thread whose connection is closed, nor start the reader.
  const refuseWhenClosing = (threadOf: () => Calls) => () => {
    if (closing) throw new ServiceError('unavailable', 'the service is stopping');
    return threadOf();
  };
  const threads: Threads = { writer: refuseWhenClosing(() => writer), reader: refuseWhenClosing(reader) };
  const stores = Object.fromEntries(STORE_NAMES.map((name) => [name, remoteStore(threads, name)]));
  return {
    ...(stores as Pick<Storage, StoreName>),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

type Threads = Readonly<Record<ThreadTask['role'], () => Calls>>;

function startThread(task: ThreadTask): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: {
      maxOldGenerationSizeMb: MAX_HEAP_MIB[task.role],
      maxYoungGenerationSizeMb: MAX_YOUNG_MIB[task.role],
    },
  });
}

/** Makes a store whose methods send calls to the threads of the database. */
function remoteStore(threads: Threads, store: StoreName): object {
  const methods = Object.entries(methodsOf(store)).map(([method, { thread, needs }]) => {
    const call = (...args: unknown[]) => {
      try {
        return threads[thread]().make(store, method, args);
      } catch (cause) {
        if (cause instanceof ServiceError) return Promise.reject(cause);
        const message = 'the database can not be read at present';
        return Promise.reject(new ServiceError('unavailable', message, { cause }));
      }
    };
    if (!needs) return [method, call];
    const callAfter = async (...args: unknown[]) => {
      const visible = threads.writer().makeVisible(needs);
      // A list without the newest deliveries would say that they do not exist. An older state of a webhook is harmless.
      await (needs === 'flush' ? visible : visible.catch(() => undefined));
      return call(...args);
    };
    return [method, callAfter];
  });
  return Object.fromEntries(methods);
}
