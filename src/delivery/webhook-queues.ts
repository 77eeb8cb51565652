import type { ReadyDelivery } from '../domain/delivery.ts';

interface WebhookQueue {
  readonly webhookId: string;
  /** Waiting to be sent, oldest first, from `head` on. */
  waiting: ReadyDelivery[];
  head: number;
  sending: number;
  /** Waiting, being sent, and sent but not yet recorded. */
  held: number;
}

export interface WebhookQueuesOptions {
  readonly concurrencyPerWebhook: number;
  readonly capacity: number;
  readonly capacityPerWebhook: number;
}

/** Sent entries are cut off the front of a queue's array in lots of this many, to keep `next` cheap. */
const COMPACT_AT = 256;

/**
 * Deliveries held in memory, one queue a webhook. Webhooks that may send stand in a ring and take turns, one
 * delivery each, so that a webhook with ten thousand waiting delays one with a single delivery by one turn.
 */
export class WebhookQueues {
  readonly #options: WebhookQueuesOptions;
  readonly #queues = new Map<string, WebhookQueue>();
  /** Webhooks that have something waiting and may send it; a set keeps the order of insertion. */
  readonly #ring = new Set<WebhookQueue>();
  #held = 0;

  constructor(options: WebhookQueuesOptions) {
    this.#options = options;
  }

  get held(): number {
    return this.#held;
  }

  /** How many more fit, whosever they are. */
  get room(): number {
    return this.#options.capacity - this.#held;
  }

  /** How many more of this webhook's fit. */
  roomFor(webhookId: string): number {
    const held = this.#queues.get(webhookId)?.held ?? 0;
    return Math.min(this.#options.capacityPerWebhook - held, this.room);
  }

  /** How many each webhook holds. */
  holdings(): { webhookId: string; count: number }[] {
    return Array.from(this.#queues.values(), ({ webhookId, held }) => ({ webhookId, count: held }));
  }

  /** False when there is no room for it. */
  push(delivery: ReadyDelivery): boolean {
    if (this.roomFor(delivery.webhookId) <= 0) return false;
    const queue = this.#queueOf(delivery.webhookId);
    queue.waiting.push(delivery);
    queue.held += 1;
    this.#held += 1;
    this.#enterRing(queue);
    return true;
  }

  /** The next delivery to be sent, counted as being sent until `sent`. */
  next(): ReadyDelivery | null {
    const [queue] = this.#ring;
    if (!queue) return null;
    this.#ring.delete(queue);
    const delivery = queue.waiting[queue.head] ?? null;
    queue.head += 1;
    queue.sending += 1;
    if (queue.head >= COMPACT_AT) {
      queue.waiting = queue.waiting.slice(queue.head);
      queue.head = 0;
    }
    this.#enterRing(queue);
    return delivery;
  }

  /** The request has ended: another of its webhook may be sent. */
  sent(delivery: ReadyDelivery): void {
    const queue = this.#queueOf(delivery.webhookId);
    queue.sending -= 1;
    this.#enterRing(queue);
  }

  /** It is recorded, and no longer held. */
  settled(delivery: ReadyDelivery): void {
    const queue = this.#queueOf(delivery.webhookId);
    queue.held -= 1;
    this.#held -= 1;
    if (queue.held === 0) this.#queues.delete(queue.webhookId);
  }

  /** Drops what waits for one webhook. */
  forget(webhookId: string): void {
    const queue = this.#queues.get(webhookId);
    if (queue) this.#takeWaiting(queue);
  }

  /** Takes out all that waits. */
  drain(): ReadyDelivery[] {
    return Array.from(this.#queues.values()).flatMap((queue) => this.#takeWaiting(queue));
  }

  #takeWaiting(queue: WebhookQueue): ReadyDelivery[] {
    const waiting = queue.waiting.slice(queue.head);
    queue.waiting = [];
    queue.head = 0;
    queue.held -= waiting.length;
    this.#held -= waiting.length;
    this.#ring.delete(queue);
    if (queue.held === 0) this.#queues.delete(queue.webhookId);
    return waiting;
  }

  #enterRing(queue: WebhookQueue): void {
    const waits = queue.head < queue.waiting.length;
    if (waits && queue.sending < this.#options.concurrencyPerWebhook) this.#ring.add(queue);
  }

  #queueOf(webhookId: string): WebhookQueue {
    let queue = this.#queues.get(webhookId);
    if (!queue) {
      queue = { webhookId, waiting: [], head: 0, sending: 0, held: 0 };
      this.#queues.set(webhookId, queue);
    }
    return queue;
  }
}
