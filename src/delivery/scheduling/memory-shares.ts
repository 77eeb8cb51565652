import type { WebhookQueue } from './webhook-queue.ts';

/**
 * Share of the capacity that all suspect webhooks can use together. Their requests take long, so that their
 * deliveries stay long in memory. With a smaller share, there could be too few of them in memory for the
 * requests that suspect webhooks may have in flight.
 */
const SUSPECT_SHARE = 1 / 4;
/**
 * Part of the suspect webhooks' share that must be free before their deliveries are claimed. Otherwise each
 * delivery that ends would start a claim for a single other one.
 */
const FREE_BEFORE_CLAIM = 1 / 8;

/**
 * Number of deliveries in memory, of all webhooks and of suspect ones, and the room that is left. A webhook whose
 * first request is in flight does not count as suspect here.
 */
export class MemoryShares {
  readonly #capacity: number;
  readonly #suspectCapacity: number;
  #total = 0;
  #suspect = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#suspectCapacity = Math.max(1, Math.floor(capacity * SUSPECT_SHARE));
  }

  get total(): number {
    return this.#total;
  }

  /** Number of deliveries for which there is room. */
  get free(): number {
    return this.#capacity - this.#total;
  }

  /** Number of deliveries of suspect webhooks for which there is room. Less than 0: they exceed their share. */
  get freeForSuspects(): number {
    return Math.min(this.free, this.#suspectCapacity - this.#suspect);
  }

  /** Whether enough room is free for a claim of suspect webhooks' deliveries. */
  get canClaimSuspects(): boolean {
    return this.freeForSuspects >= Math.max(1, this.#suspectCapacity * FREE_BEFORE_CLAIM);
  }

  /** Changes the number of a queue's buffered deliveries, and counts all of them by its present rating. */
  change(queue: WebhookQueue, by: number): void {
    const { isFoundSlow } = queue.scheduling;
    if (queue.isCountedAsSuspect) this.#suspect -= queue.buffered;
    queue.buffered += by;
    this.#total += by;
    queue.isCountedAsSuspect = isFoundSlow;
    if (isFoundSlow) this.#suspect += queue.buffered;
  }
}
