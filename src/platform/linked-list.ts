/**
 * Node of a `LinkedList`. Its `owner` is the object that is in the list. A node is in at most one list at a
 * time.
 */
export class ListNode<T> {
  readonly owner: T;
  /** Neighbours of the node in the list. `null`: the node is in no list. */
  next: ListNode<T> | null = null;
  previous: ListNode<T> | null = null;

  constructor(owner: T) {
    this.owner = owner;
  }
}

/**
 * Doubly linked list in FIFO order. It is intrusive: the caller makes the nodes and keeps them. `add` and
 * `delete` take constant time. The list is used in place of a `Set`, because the hot path adds and deletes a
 * node for every delivery, and a `Set` would leak memory there: `Slots` explains the leak.
 */
export class LinkedList<T> {
  /** Sentinel: its `next` is the first node, its `previous` the last one. */
  readonly #end = new ListNode<T | null>(null) as ListNode<T>;

  constructor() {
    this.#end.next = this.#end;
    this.#end.previous = this.#end;
  }

  get first(): T | null {
    return (this.#end.next as ListNode<T>).owner;
  }

  /** Appends a node that is in no list. */
  add(node: ListNode<T>): void {
    if (node.next) throw new Error('expected a node that is in no list');
    const last = this.#end.previous as ListNode<T>;
    node.previous = last;
    node.next = this.#end;
    last.next = node;
    this.#end.previous = node;
  }

  /** Deletes a node. Does nothing if the node is in no list. */
  delete(node: ListNode<T>): void {
    const { previous, next } = node;
    if (!previous || !next) return;
    previous.next = next;
    next.previous = previous;
    node.previous = null;
    node.next = null;
  }
}
