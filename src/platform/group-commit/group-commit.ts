import { type WaitingCall, WaitingCalls } from './waiting-calls.ts';

/**
 * Commits items in one transaction, and returns one result for each item, in the same order. It may commit only the
 * first items, at least one, if the commit would otherwise take too long. Then it returns only their results. `sizes`
 * has the number of items of each call, which are to be committed together if that does not take too long.
 */
type Commit<Item, Result> = (items: readonly Item[], sizes: readonly number[]) => Promise<readonly Result[]>;

export interface GroupCommitOptions<Item> {
  /** Maximum number of items in one commit. A call of `add` with more items gets a commit of its own. */
  readonly maxItems: number;
  /** Items with the same key are committed in the order in which they were added. Other items may overtake a long call. */
  readonly keyOf: (item: Item) => string;
}

/**
 * Combines the items of many callers into few commits. While one commit is in progress, new items wait for
 * the next commit. So a commit contains more items when the load is higher. A caller that is alone does not
 * wait for others.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: Commit<Item, Result>;
  readonly #waiting: WaitingCalls<Item, Result>;
  #running: Promise<void> | null = null;
  /** Fulfils when the callers of all commits so far have their results. */
  #answering: Promise<void> = Promise.resolve();

  constructor(commit: Commit<Item, Result>, { maxItems, keyOf }: GroupCommitOptions<Item>) {
    this.#commit = commit;
    this.#waiting = new WaitingCalls(maxItems, keyOf);
  }

  /** Number of items that wait for a commit. */
  get waiting(): number {
    return this.#waiting.items;
  }

  /**
   * Adds items. Fulfils with one result for each item when all are committed: together, unless `commit` commits the first of them
   * alone. Rejects if a commit fails. Then the items of earlier commits are committed nevertheless.
   */
  add(items: readonly Item[]): Promise<Result[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Result[]>();
    this.#waiting.add({ items, from: 0, to: items.length, results: [], keys: null, resolve, reject });
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
    while (this.#waiting.count > 0) await this.#commitNext();
    this.#running = null;
  }

  async #commitNext(): Promise<void> {
    const calls = this.#waiting.take();
    try {
      const results = await this.#commit(
        itemsOf(calls),
        calls.map(({ from, to }) => to - from),
      );
      const ended = this.#waiting.committed(calls, results);
      // The new promise also waits for the old one, because callers of earlier commits might still be
      // receiving their results.
      this.#answering = Promise.all([this.#answering, answer(ended)]).then(() => undefined);
    } catch (error) {
      this.#waiting.failed(calls);
      for (const call of calls) call.reject(error);
    }
  }
}

/** Returns the items of all calls that the next commit gets. Does not copy those of a call that is alone. */
function itemsOf<Item, Result>(calls: readonly WaitingCall<Item, Result>[]): readonly Item[] {
  const [first] = calls;
  if (calls.length === 1 && first && first.to - first.from === first.items.length) return first.items;
  const all: Item[] = [];
  for (const { items, from, to } of calls) for (let n = from; n < to; n += 1) all.push(items[n] as Item);
  return all;
}

/** Maximum number of callers to answer in one turn of the event loop. */
const ANSWERS_PER_TURN = 64;

/**
 * Passes their results to callers, at most `ANSWERS_PER_TURN` callers in each turn of the event loop.
 * After a slow commit hundreds of callers wait. If all of them sent their answers and read their next
 * requests in one turn, all other work would wait for 50 ms or more.
 */
async function answer<Item, Result>(calls: readonly WaitingCall<Item, Result>[]): Promise<void> {
  let answered = 0;
  for (const { resolve, results } of calls) {
    if (answered > 0 && answered % ANSWERS_PER_TURN === 0)
      await new Promise((resume) => setImmediate(resume));
    resolve(results);
    answered += 1;
  }
}
