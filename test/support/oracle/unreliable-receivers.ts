import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SeenRequest } from './delivery-history.ts';
import type { Order } from './unreliable-receivers-thread.ts';

/**
 * Receivers that fail at random. They run on a worker thread, so that other work of the test does not delay
 * their answers.
 */
export class UnreliableReceivers {
  readonly #worker: Worker;
  readonly #baseUrl: string;

  private constructor(worker: Worker, baseUrl: string) {
    this.#worker = worker;
    this.#baseUrl = baseUrl;
  }

  static async start(seed: number): Promise<UnreliableReceivers> {
    const file = new URL('./unreliable-receivers-thread.ts', import.meta.url);
    const worker = new Worker(file, { workerData: { seed } });
    const [port] = await once(worker, 'message');
    return new UnreliableReceivers(worker, `http://127.0.0.1:${port}`);
  }

  /** Returns the URL of the receiver with this name. */
  url(name: string): string {
    return `${this.#baseUrl}/${name}`;
  }

  /**
   * Sets the signing secret of a receiver's webhook. Must be called before the service sends a request to the
   * receiver.
   */
  trust(name: string, { id: webhookId, secret }: { id: string; secret: string }): void {
    this.#order({ kind: 'trust', path: `/${name}`, webhookId, secret });
  }

  /** Returns all requests that have arrived so far, in the order of arrival. */
  async requests(): Promise<SeenRequest[]> {
    this.#order({ kind: 'tell' });
    const [seen] = await once(this.#worker, 'message');
    return seen;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }

  #order(order: Order): void {
    this.#worker.postMessage(order);
  }
}
