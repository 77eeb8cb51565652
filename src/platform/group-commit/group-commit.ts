/** Call of `add` whose items are not committed yet. */
interface WaitingCall<Item, Result> {
  readonly items: readonly Item[];
  resolve(results: Result[]): void;
  reject(error: unknown): void;
}

/**
 * Commits items in one transaction, and returns one result for each item, in the same order. It may commit only
 * the items of the first calls, at least of one, if the commit would otherwise take too long. Then it returns only
 * their results. `sizes` has the number of items of each call.
 */
type Commit<Item, Result> = (items: readonly Item[], sizes: readonly number[]) => Promise<readonly Result[]>;

/**
 * Combines the items of many callers into few commits. While one commit is in progress, new items wait for
 * the next commit. So a commit contains more items when the load is higher. A caller that is alone does not
 * wait for others.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: Commit<Item, Result>;
  readonly #maxItems: number;
  #waiting: WaitingCall<Item, Result>[] = [];
  #waitingItems = 0;
  #running: Promise<void> | null = null;
  /** Fulfils when the callers of all commits so far have their results. */
  #answering: Promise<void> = Promise.resolve();

  /** @param maxItems maximum number of items in one commit. A call of `add` with more items gets a commit of its own */
  constructor(commit: Commit<Item, Result>, maxItems: number) {
    this.#commit = commit;
    this.#maxItems = maxItems;
  }

  /** Number of items that wait for a commit. */
  get waiting(): number {
    return this.#waitingItems;
  }

  /**
   * Adds items, which are all committed together. Fulfils with one result for each item after the commit.
   * Rejects if the commit fails.
   */
  add(items: readonly Item[]): Promise<Result[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Result[]>();
    this.#waiting.push({ items, resolve, reject });
    this.#waitingItems += items.length;
    this.#running ??= this.#run();
    return promise;
  }

  /** Fulfils when no item waits, no commit is in progress, and all callers have their results. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
    await this.#answering;
  }

  async #run(): Promise<void> {
    // The first commit waits for the end of this turn of the event loop, so that all calls of the turn share
    // it.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#commitNext();
    this.#running = null;
  }

  async #commitNext(): Promise<void> {
    const group = this.#nextGroup();
    try {
      const results = await this.#commit(
        itemsOf(group),
        group.map(({ items }) => items.length),
      );
      this.#addAgain(group.splice(countCovered(group, results.length)));
      // The new promise also waits for the old one, because callers of earlier commits might still be
      // receiving their results.
      this.#answering = Promise.all([this.#answering, answerCalls(group, results)]).then(() => undefined);
    } catch (error) {
      for (const call of group) call.reject(error);
    }
  }

  /** Puts calls that were not committed before all others, so that the next commit begins with them. */
  #addAgain(calls: readonly WaitingCall<Item, Result>[]): void {
    for (const { items } of calls) this.#waitingItems += items.length;
    if (calls.length > 0) this.#waiting.unshift(...calls);
  }

  /** Removes the calls that fit into one commit from the waiting calls, and returns them. */
  #nextGroup(): WaitingCall<Item, Result>[] {
    let count = 0;
    let items = 0;
    for (const call of this.#waiting) {
      if (count > 0 && items + call.items.length > this.#maxItems) break;
      items += call.items.length;
      count += 1;
    }
    this.#waitingItems -= items;
    return this.#waiting.splice(0, count);
  }
}

/** Returns the items of all calls. Does not copy those of a call that is alone. */
function itemsOf<Item>(calls: readonly WaitingCall<Item, unknown>[]): readonly Item[] {
  const [first] = calls;
  if (calls.length === 1 && first) return first.items;
  const items: Item[] = [];
  for (const call of calls) for (const item of call.items) items.push(item);
  return items;
}

/** Returns how many of the first calls have all of their results. */
function countCovered(calls: readonly WaitingCall<unknown, unknown>[], results: number): number {
  let items = 0;
  let covered = 0;
  for (const call of calls) {
    items += call.items.length;
    if (items > results) break;
    covered += 1;
  }
  return covered;
}

/** Maximum number of callers to answer in one turn of the event loop. */
const ANSWERS_PER_TURN = 64;

/**
 * Passes the results to their callers, at most `ANSWERS_PER_TURN` callers in each turn of the event loop.
 * After a slow commit hundreds of callers wait. If all of them sent their answers and read their next
 * requests in one turn, all other work would wait for 50 ms or more.
 */
async function answerCalls<Result>(
  group: readonly WaitingCall<unknown, Result>[],
  results: readonly Result[],
): Promise<void> {
  let from = 0;
  let answered = 0;
  for (const call of group) {
    if (answered > 0 && answered % ANSWERS_PER_TURN === 0)
      await new Promise((resolve) => setImmediate(resolve));
    call.resolve(results.slice(from, from + call.items.length));
    from += call.items.length;
    answered += 1;
  }
}
