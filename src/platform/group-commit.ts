interface Waiting<Item, Result> {
  readonly items: readonly Item[];
  resolve(results: Result[]): void;
  reject(error: unknown): void;
}

/**
 * Joins what many callers want committed into few commits: while one is under way the next gathers,
 * so that a commit grows with the load and a lone caller waits for nobody.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #maxItems: number;
  #waiting: Waiting<Item, Result>[] = [];
  #waitingItems = 0;
  #running: Promise<void> | null = null;
  /** Until the callers of all commits so far have their results. */
  #telling: Promise<void> = Promise.resolve();

  /**
   * @param commit commits all items as one, and answers with a result for each, in their order
   * @param maxItems how many items one commit takes; a caller with more of its own gets a commit to itself
   */
  constructor(commit: (items: readonly Item[]) => Promise<readonly Result[]>, maxItems: number) {
    this.#commit = commit;
    this.#maxItems = maxItems;
  }

  /** Items handed in and not yet in a commit. */
  get waiting(): number {
    return this.#waitingItems;
  }

  /** Fulfils when all of `items` are committed, in one commit; rejects when that commit failed. */
  add(items: readonly Item[]): Promise<Result[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Result[]>();
    this.#waiting.push({ items, resolve, reject });
    this.#waitingItems += items.length;
    this.#running ??= this.#run();
    return promise;
  }

  /** Fulfils when nothing waits, nothing is under way, and all callers were told. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
    await this.#telling;
  }

  async #run(): Promise<void> {
    // Whoever adds in the same turn of the event loop shares the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commitNext();
    this.#running = null;
  }

  async #commitNext(): Promise<void> {
    const group = this.#takeGroup();
    try {
      const results = await this.#commit(group.flatMap((waiting) => waiting.items));
      // Kept with what is still being told of earlier ones.
      this.#telling = Promise.all([this.#telling, tell(group, results)]).then(() => undefined);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }

  #takeGroup(): Waiting<Item, Result>[] {
    let count = 0;
    let items = 0;
    for (const waiting of this.#waiting) {
      if (count > 0 && items + waiting.items.length > this.#maxItems) break;
      items += waiting.items.length;
      count += 1;
    }
    this.#waitingItems -= items;
    return this.#waiting.splice(0, count);
  }
}

/** Callers told in one turn of the event loop: each may have an answer to send, and the next request to read. */
const TOLD_A_TURN = 64;

/**
 * Tells each caller its results, some in each turn: after a slow commit hundreds wait, and their answers and next
 * requests in one turn would keep everything else waiting for 50 ms and more.
 */
async function tell<Result>(
  group: readonly Waiting<unknown, Result>[],
  results: readonly Result[],
): Promise<void> {
  let from = 0;
  for (const [index, waiting] of group.entries()) {
    if (index > 0 && index % TOLD_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    waiting.resolve(results.slice(from, from + waiting.items.length));
    from += waiting.items.length;
  }
}
