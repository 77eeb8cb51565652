/**
 * Set of objects in numbered slots, for objects that are added and removed on the hot path.
 *
 * A `Set` or `Map` would leak under load. V8 replaces a table that is full, and the old table points to the new one.
 * Once one table has become old enough to survive minor collections, it keeps all following tables alive, with
 * everything that was in them, until the whole heap is collected. Here nothing stays reachable after its `remove`.
 */
export class Slots<T> {
  readonly #items: (T | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** Adds an item. @returns the number of its slot, which is reused after its removal */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  /** Empties a slot. @returns the removed item. `null`: the slot was empty */
  remove(slot: number): T | null {
    const item = this.#items[slot] ?? null;
    if (item === null) return null;
    this.#items[slot] = null;
    this.#free.push(slot);
    return item;
  }

  /** Returns a copy of all items. */
  all(): T[] {
    return this.#items.filter((item) => item !== null);
  }
}
