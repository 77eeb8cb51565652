/**
 * Memory that many clients share. A client may take as much as it leaves free: one client alone at most half of the
 * memory, two clients a third each, and so on. So there is always some memory left for a client that has none yet,
 * however greedy the others are.
 */
export class SharedMemory {
  readonly #capacity: number;
  readonly #taken = new Map<string, number>();
  #used = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Number of bytes that all clients have taken. */
  get used(): number {
    return this.#used;
  }

  /** Takes `bytes` for a client. Returns false, and takes nothing, if the client may not have them. */
  take(client: string, bytes: number): boolean {
    const own = (this.#taken.get(client) ?? 0) + bytes;
    if (own > this.#capacity - this.#used - bytes) return false;
    this.#used += bytes;
    this.#taken.set(client, own);
    return true;
  }

  /** Returns bytes that `take` has taken. */
  give(client: string, bytes: number): void {
    const left = (this.#taken.get(client) ?? 0) - bytes;
    this.#used -= bytes;
    if (left > 0) this.#taken.set(client, left);
    else this.#taken.delete(client);
  }
}
