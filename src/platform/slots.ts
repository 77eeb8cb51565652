/**
 * Things under way, each in a numbered slot. A `Set` or a `Map` would do the same, but not under load: the table that
 * one outgrows points to the next in V8, so that from the first that lived long enough to be old each keeps the
 * following alive, with all that was in it, until the whole heap is collected. Here nothing outlives its `take`.
 */
export class Slots<T> {
  readonly #things: (T | null)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#things.length - this.#free.length;
  }

  /** @returns the number of its slot, which is reused once it was taken */
  add(thing: T): number {
    const slot = this.#free.pop() ?? this.#things.length;
    this.#things[slot] = thing;
    return slot;
  }

  /** Empties a slot. @returns what was in it; null if nothing */
  take(slot: number): T | null {
    const thing = this.#things[slot] ?? null;
    if (thing === null) return null;
    this.#things[slot] = null;
    this.#free.push(slot);
    return thing;
  }

  /** All of them, as they are now. */
  all(): T[] {
    return this.#things.filter((thing) => thing !== null);
  }
}
