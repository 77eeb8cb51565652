/** Number of places in one set. A hash of the webhook's id selects the set. */
const WAYS = 4;
/** Number of sets. All sets together have 262,144 places of 4 bytes each. */
const SETS = 65_536;

/**
 * Marks of webhooks that are not in memory, in a fixed amount of memory. A webhook that gets an event now and
 * then leaves memory after each delivery. Without a mark it would be new each time, and would wait with the
 * webhooks about which nothing is known.
 *
 * A webhook is identified by 32 + 16 bits of two hashes. If a set is full, a new webhook replaces the one that
 * was added first.
 */
export class WebhookMarks {
  readonly #marks = new Int32Array(SETS * WAYS);

  has(webhookId: string): boolean {
    const { first, mark } = placeOf(webhookId);
    return this.#find(first, mark) !== -1;
  }

  add(webhookId: string): void {
    const { first, mark } = placeOf(webhookId);
    if (this.#find(first, mark) !== -1) return;
    this.#marks.copyWithin(first + 1, first, first + WAYS - 1);
    this.#marks[first] = mark;
  }

  delete(webhookId: string): void {
    const { first, mark } = placeOf(webhookId);
    const found = this.#find(first, mark);
    if (found !== -1) this.#marks[found] = 0;
  }

  #find(first: number, mark: number): number {
    for (let place = first; place < first + WAYS; place += 1) if (this.#marks[place] === mark) return place;
    return -1;
  }
}

/** Returns the first place of the id's set, and the number that identifies the id within the set. */
function placeOf(webhookId: string): { first: number; mark: number } {
  let place = 0x811c9dc5;
  let mark = 0x2545f491;
  for (let n = 0; n < webhookId.length; n += 1) {
    const unit = webhookId.charCodeAt(n);
    place = Math.imul(place ^ unit, 0x01000193);
    mark = Math.imul(mark ^ unit, 0x85ebca6b);
  }
  // 0 stands for an empty place.
  return { first: ((place ^ (place >>> 15)) & (SETS - 1)) * WAYS, mark: mark | 1 };
}
