/**
 * Set of objects in numbered slots, for objects that are added and removed on the hot path.
 *
 * A `Set` or `Map` would leak memory under load. V8 stores its items in a table. When the table is full, V8
 * replaces it, and the old table points to the new one. Once a table is old enough to survive minor garbage
 * collections, it keeps all later tables and their items alive until the whole heap is collected. `Slots`
 * keeps no reference to an item after its removal.
 */
export class Slots<T> {
  readonly #items: (T | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** Adds an item. @returns the number of the item's slot; the slot is reused after the item was removed */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  /** Removes the item of a slot. @returns the removed item; `null`: the slot was empty */
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
