/** Call of `GroupCommit.add` whose items are not all committed. */
export interface WaitingCall<Item, Result> {
  readonly items: readonly Item[];
  /** Number of its first items that are committed. The call has *begun* if there are any. */
  from: number;
  /** Number of the first items that are committed when the next commit has succeeded. */
  to: number;
  /** Results of the committed items. */
  results: Result[];
  /** Keys of the items of a call that has begun. `null`: it has not. */
  keys: ReadonlySet<string> | null;
  readonly resolve: (results: Result[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Factor by which a commit gets more items of a call that has begun than the last one could commit. */
const GROWTH = 2;

/**
 * The calls that wait for a commit, oldest first. A call that was committed in part goes to the end, so that other
 * calls are committed between its parts. Calls that have a key in common are committed in the order in which they came.
 */
export class WaitingCalls<Item, Result> {
  readonly #maxItems: number;
  readonly #keyOf: (item: Item) => string;
  #calls: WaitingCall<Item, Result>[] = [];
  #items = 0;
  /** Number of calls that have begun, waiting ones and those of the present commit. */
  #begun = 0;

  constructor(maxItems: number, keyOf: (item: Item) => string) {
    this.#maxItems = maxItems;
    this.#keyOf = keyOf;
  }

  /** Number of calls. */
  get count(): number {
    return this.#calls.length;
  }

  /** Number of items. */
  get items(): number {
    return this.#items;
  }

  add(call: WaitingCall<Item, Result>): void {
    this.#calls.push(call);
    this.#items += call.items.length;
  }

  /** Removes the calls that fit into one commit, at least one, and returns them. */
  take(): WaitingCall<Item, Result>[] {
    const taken = this.#begun === 0 ? this.#takeFirst() : this.#takeAround();
    for (const { from, to } of taken) this.#items -= to - from;
    return taken;
  }

  /**
   * Notes the results of a commit of taken calls. Calls without a result wait again before all others.
   * @returns the calls that have all of their results, in order
   */
  committed(
    taken: readonly WaitingCall<Item, Result>[],
    results: readonly Result[],
  ): readonly WaitingCall<Item, Result>[] {
    const ended: WaitingCall<Item, Result>[] = [];
    const again: WaitingCall<Item, Result>[] = [];
    let next = 0;
    for (const call of taken) {
      const { from, to } = call;
      const some = results.slice(next, next + to - from);
      next += some.length;
      this.#items += to - from - some.length;
      if (some.length === call.items.length) call.results = some;
      else if (some.length > 0) this.#notePart(call, some);
      if (call.results.length === call.items.length) ended.push(call);
      else if (some.length === 0) again.push(call);
    }
    if (again.length > 0) this.#calls.unshift(...again);
    return ended;
  }

  /** Must be called when the commit of taken calls has failed. */
  failed(taken: readonly WaitingCall<Item, Result>[]): void {
    for (const { keys, items, to } of taken) {
      if (keys) this.#begun -= 1;
      this.#items -= items.length - to;
    }
  }

  #takeFirst(): WaitingCall<Item, Result>[] {
    let count = 0;
    let items = 0;
    for (const call of this.#calls) {
      if (count > 0 && items + call.items.length > this.#maxItems) break;
      items += call.items.length;
      count += 1;
    }
    return this.#calls.splice(0, count);
  }

  /** Takes calls as `#takeFirst` does, but leaves those that must wait for a call that has begun. */
  #takeAround(): WaitingCall<Item, Result>[] {
    const blocked = new Set<string>();
    for (const { keys } of this.#calls) for (const key of keys ?? []) blocked.add(key);
    const taken: WaitingCall<Item, Result>[] = [];
    const left: WaitingCall<Item, Result>[] = [];
    let items = 0;
    let isFull = false;
    for (const call of this.#calls) {
      const size = call.to - call.from;
      isFull ||= taken.length > 0 && items + size > this.#maxItems;
      if (isFull || this.#mustWait(call, blocked)) left.push(call);
      else {
        taken.push(call);
        items += size;
      }
    }
    this.#calls = left;
    return taken;
  }

  /** Returns whether a call must wait. If it must, later calls with one of its keys must wait, too. */
  #mustWait({ items, keys }: WaitingCall<Item, Result>, blocked: Set<string>): boolean {
    if (keys || !items.some((item) => blocked.has(this.#keyOf(item)))) return false;
    for (const item of items) blocked.add(this.#keyOf(item));
    return true;
  }

  /** Notes the results of a part of a call. If items are left, the call waits again after all others. */
  #notePart(call: WaitingCall<Item, Result>, some: readonly Result[]): void {
    const { items } = call;
    if (!call.keys) {
      call.keys = new Set(items.map(this.#keyOf));
      this.#begun += 1;
    }
    call.results.push(...some);
    call.from = call.results.length;
    call.to = Math.min(items.length, call.from + GROWTH * some.length);
    if (call.from < items.length) this.#calls.push(call);
    else this.#begun -= 1;
  }
}
