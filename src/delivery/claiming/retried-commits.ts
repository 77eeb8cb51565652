import { retryUntilCommitted } from '../../platform/retry.ts';

export interface RetriedCommitsOptions<Item, Result> {
  /** Commits all items in one transaction. */
  readonly commit: (items: readonly Item[]) => Promise<Result>;
  /** Maximum number of items of one commit. */
  readonly maxItems: number;
  /** Called with the items of a commit that has succeeded. They are durable. It must not throw. */
  readonly onCommitted: (items: readonly Item[], result: Result) => void;
  /** Called each time that a try to commit has failed. */
  readonly onFailure: (error: unknown, itemCount: number) => void;
  /**
   * Called with the items of a commit whose last try has failed, which happens only if the service stops. It must not
   * throw.
   */
  readonly onLost: (items: readonly Item[], error: unknown) => void;
}

/**
 * Gathers items, and commits them in groups. Retries each commit until it succeeds. While one commit is in progress,
 * items wait for the next one. An item costs no promise, because there is one item for each delivery.
 */
export class RetriedCommits<Item, Result = void> {
  readonly #options: RetriedCommitsOptions<Item, Result>;
  readonly #stop = new AbortController();
  #waiting: Item[] = [];
  #running: Promise<void> | null = null;

  constructor(options: RetriedCommitsOptions<Item, Result>) {
    this.#options = options;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    this.#running ??= this.#run();
  }

  /** Waits for the commits in progress. From now on, each commit is tried at most once more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // The first commit waits for the end of this turn of the event loop, so that all items of the turn share it.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commit(this.#take());
    this.#running = null;
  }

  #take(): Item[] {
    const { maxItems } = this.#options;
    if (this.#waiting.length > maxItems) return this.#waiting.splice(0, maxItems);
    const items = this.#waiting;
    this.#waiting = [];
    return items;
  }

  async #commit(items: readonly Item[]): Promise<void> {
    const { commit, onCommitted, onFailure, onLost } = this.#options;
    let result: Result;
    try {
      result = await retryUntilCommitted(() => commit(items), {
        signal: this.#stop.signal,
        onFailure: (error) => onFailure(error, items.length),
      });
    } catch (error) {
      onLost(items, error);
      return;
    }
    onCommitted(items, result);
  }
}
