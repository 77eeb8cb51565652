import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { STORE_NAMES } from '../../../src/storage/sqlite/thread/methods.ts';

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

/**
 * Returns a storage whose arguments and results are cloned like the messages to the database's thread. A value that
 * cannot be sent to a thread, or changes on the way, fails here, without the cost of starting a thread.
 */
export function clonedStorage(storage: Storage): Storage {
  const stores = STORE_NAMES.map((name) => [name, clonedCalls(storage[name] as unknown as Methods)]);
  return { ...(Object.fromEntries(stores) as Omit<Storage, 'close'>), close: () => storage.close() };
}

function clonedCalls(store: Methods): Methods {
  return new Proxy(store, {
    get:
      (_, method: string) =>
      async (...args: unknown[]) =>
        structuredClone(await store[method]?.(...structuredClone(args))),
  });
}
