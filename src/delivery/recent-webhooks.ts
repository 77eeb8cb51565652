/**
 * Maximum number of ids that are kept. Only database calls in progress can still return deliveries of these
 * webhooks, and fewer calls than this number are in progress at a time.
 */
const MAX_RECENT_WEBHOOKS = 1_000;

/** Ids of the webhooks for which something happened lately, such as a pause. */
export class RecentWebhooks {
  readonly #ids = new Set<string>();

  add(webhookId: string): void {
    this.#ids.add(webhookId);
    const [oldest] = this.#ids;
    if (oldest !== undefined && this.#ids.size > MAX_RECENT_WEBHOOKS) this.#ids.delete(oldest);
  }

  delete(webhookId: string): void {
    this.#ids.delete(webhookId);
  }

  has(webhookId: string): boolean {
    return this.#ids.has(webhookId);
  }
}
