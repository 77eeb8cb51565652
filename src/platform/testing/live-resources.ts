import { createHook } from 'node:async_hooks';

/**
 * Kinds of resources that are active after their creation: timers, watchers, sockets, child processes and
 * threads.
 */
const KINDS: ReadonlySet<string> = new Set([
  'FSEVENTWRAP',
  'Immediate',
  'MESSAGEPORT',
  'PIPEWRAP',
  'PROCESSWRAP',
  'STATWATCHER',
  'TCPSERVERWRAP',
  'TCPWRAP',
  'Timeout',
  'UDPWRAP',
  'WORKER',
]);

/** Number of turns of the event loop to wait, because Node reports the end of a resource some turns later. */
const TURNS = 10;

/**
 * Records which resources the following code creates and does not destroy. Unreferenced resources count, too.
 */
export class LiveResources {
  readonly #alive = new Map<number, string>();
  #isWatching = true;
  readonly #hook = createHook({
    init: (id, type) => {
      if (this.#isWatching && KINDS.has(type)) this.#alive.set(id, type);
    },
    destroy: (id) => void this.#alive.delete(id),
  });

  constructor() {
    this.#hook.enable();
  }

  /** Returns the kinds of the resources that are alive, one entry for each. */
  async list(): Promise<string[]> {
    for (let turn = 0; turn < TURNS; turn += 1) await this.#nextTurn();
    return [...this.#alive.values()].toSorted();
  }

  #nextTurn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#isWatching = false;
    setImmediate(resolve);
    this.#isWatching = true;
    return promise;
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
  }
}
