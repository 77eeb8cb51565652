import type { DeliveryBuffer } from '../scheduling/delivery-buffer.ts';

/**
 * Ids of webhooks that might have due deliveries in the database, because memory had no room for these
 * deliveries.
 */
export class Overflow implements Iterable<string> {
  readonly #buffer: DeliveryBuffer;
  readonly #webhookIds = new Set<string>();

  constructor(buffer: DeliveryBuffer) {
    this.#buffer = buffer;
  }

  add(webhookId: string): void {
    this.#webhookIds.add(webhookId);
  }

  /**
   * Adds the webhooks that have used up their budget. A claim skips these webhooks. The result of the claim
   * therefore does not show whether they have due deliveries in the database.
   */
  addFullWebhooks(): void {
    const { perWebhookBudget } = this.#buffer;
    for (const { webhookId, count } of this.#buffer.bufferedCounts()) {
      if (count >= perWebhookBudget) this.#webhookIds.add(webhookId);
    }
  }

  has(webhookId: string): boolean {
    return this.#webhookIds.has(webhookId);
  }

  clear(): void {
    this.#webhookIds.clear();
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#webhookIds.values();
  }
}
