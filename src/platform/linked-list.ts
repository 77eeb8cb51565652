/** Where its owner stands in a `Ring`: in one at a time, or in none. */
export class ListNode<T> {
  readonly owner: T;
  /** Null while it is in no ring. */
  next: ListNode<T> | null = null;
  previous: ListNode<T> | null = null;

  constructor(owner: T) {
    this.owner = owner;
  }
}

/**
 * Whoever came first is first, and anybody may leave; each step costs the same. The hot path adds and deletes some for
 * every delivery, for which a `Set` would make table after table (see `Slots`).
 */
export class LinkedList<T> {
  readonly #end = new ListNode<T | null>(null) as ListNode<T>;

  constructor() {
    this.#end.next = this.#end;
    this.#end.previous = this.#end;
  }

  get first(): T | null {
    return (this.#end.next as ListNode<T>).owner;
  }

  /** Adds one that is in no ring, as the last. */
  add(link: ListNode<T>): void {
    if (link.next) throw new Error('it is in a ring already');
    const last = this.#end.previous as ListNode<T>;
    link.previous = last;
    link.next = this.#end;
    last.next = link;
    this.#end.previous = link;
  }

  /** Does nothing for one that is in no ring. */
  delete(link: ListNode<T>): void {
    const { previous, next } = link;
    if (!previous || !next) return;
    previous.next = next;
    next.previous = previous;
    link.previous = null;
    link.next = null;
  }
}
