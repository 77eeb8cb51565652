import type { Worker } from 'node:worker_threads';
import { ServiceError } from '../../../domain/errors.ts';
import { Slots } from '../../../platform/slots.ts';
import { callerPackings } from './packing/packings.ts';
import type { Answer, Call, Message, PortableError } from './protocol.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  readonly unpack: Unpack | undefined;
}

/** Unpacks the value of an answer. */
type Unpack = (value: unknown) => unknown;

export interface CallsOptions {
  /**
   * Called once when the thread ends although `close` was not called. `wasOpen` says whether the thread had
   * opened the database.
   */
  readonly onLost: (error: Error, wasOpen: boolean) => void;
  /** Called for each call that is refused because too many calls of its account wait. */
  readonly onRefused: () => void;
  /** Whether the thread has opened the database already. */
  readonly isOpen?: boolean;
}

/** Sends calls to a thread of the database, and keeps each call until its answer arrives. */
export class Calls {
  readonly #worker: Worker;
  readonly #waiting = new Slots<Waiting>();
  readonly #packings = callerPackings();
  readonly #onLost: (error: Error, wasOpen: boolean) => void;
  readonly #onRefused: () => void;
  readonly #current: Record<'commit' | 'flush', Promise<void> | null> = { commit: null, flush: null };
  readonly #next: Record<'commit' | 'flush', Promise<void> | null> = { commit: null, flush: null };
  #isOpen: boolean;
  #ended: Error | null = null;
  #closed: Promise<void> | null = null;

  constructor(worker: Worker, { onLost, onRefused, isOpen = false }: CallsOptions) {
    this.#worker = worker;
    this.#isOpen = isOpen;
    this.#onLost = onLost;
    this.#onRefused = onRefused;
    worker.on('message', (message: Message) => {
      if (message === 'open') this.#isOpen = true;
      else this.#settle(message);
    });
    worker.on('error', (error) => this.#end(new Error('the database thread failed', { cause: error })));
    worker.on('exit', (code) => this.#end(this.#exitError(code)));
  }

  /**
   * Asks the thread that commits to make changes visible to other connections: see `SqliteStorage`. Calls that come while
   * one is carried out share the next one, so that a thousand reads cause two commits.
   */
  makeVisible(what: 'commit' | 'flush'): Promise<void> {
    const begin = (): Promise<void> => {
      this.#next[what] = null;
      const running = this.make(null, what, []).then(() => undefined);
      const end = () => {
        if (this.#current[what] === running) this.#current[what] = null;
      };
      this.#current[what] = running;
      running.then(end, end);
      return running;
    };
    const current = this.#current[what];
    if (!current) return begin();
    this.#next[what] ??= current.then(begin, begin);
    return this.#next[what];
  }

  make(store: Call['store'], method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const packing = this.#packings.get(`${store}.${method}`);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const unpack = packing && ((value: unknown) => packing.unpackAnswer(value, args));
    const id = this.#waiting.add({ resolve, reject, unpack });
    this.#worker.postMessage({
      id,
      store,
      method,
      args: packing ? packing.packArgs(args) : args,
    } satisfies Call);
    return promise;
  }

  /** Fulfils when all earlier calls have ended and the thread's connection is closed. */
  close(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    this.#closed ??= this.make(null, 'close', []) as Promise<void>;
    return this.#closed;
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.remove(answer.id);
    if (answer.ok) {
      // Answers are unpacked in the order in which they were packed.
      waiting?.resolve(waiting.unpack ? waiting.unpack(answer.value) : answer.value);
      return;
    }
    if (answer.error.code === 'rate_limited') this.#onRefused();
    waiting?.reject(asError(answer.error));
  }

  #exitError(code: number): Error {
    return new Error(this.#closed ? 'the database is closed' : `the database thread ended with code ${code}`);
  }

  #end(error: Error): void {
    const isLost = !this.#ended && !this.#closed;
    this.#ended ??= error;
    // A thread that could not open the database, for example because no file descriptor was left, can be started
    // again later.
    const reason = this.#isOpen
      ? this.#ended
      : new ServiceError('unavailable', 'the database can not be read at present', { cause: this.#ended });
    for (const waiting of this.#waiting.all()) waiting.reject(reason);
    if (isLost) this.#onLost(error, this.#isOpen);
  }
}

function asError({ code, message, retryAfterS, cause }: PortableError): Error {
  if (code === null) return new Error(`storage: ${message}`);
  return new ServiceError(code, message, {
    ...(retryAfterS !== null && { retryAfterS }),
    ...(cause !== null && { cause: new Error(cause) }),
  });
}
