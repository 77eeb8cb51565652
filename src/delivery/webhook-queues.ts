import type { ReadyDelivery } from '../domain/delivery.ts';

interface WebhookQueue {
  readonly webhookId: string;
  /** Waiting to be sent, oldest first, from `head` on. */
  waiting: ReadyDelivery[];
  head: number;
  sending: number;
  /** Requests under way to it at once, by the delivery that came last. */
  limit: number;
  /** Waiting, being sent, and sent but not yet recorded. */
  held: number;
}

export interface WebhookQueuesOptions {
  readonly concurrencyPerWebhook: number;
  readonly capacity: number;
  readonly capacityPerWebhook: number;
}

/**
 * One webhook may hold an eighth of what is free. A lone one then gets a ninth of all; sixty that hang, one after
 * the other, still leave room for the next, where sixteen would fill it if each could take half.
 */
const PART_OF_FREE = 1 / 8;

/**
 * Deliveries held in memory, one queue a webhook. Webhooks that may send stand in a ring and take turns, one
 * delivery each, so that a webhook with ten thousand waiting delays one with a single delivery by one turn.
 *
 * No webhook may hold more than a part of what is free, whatever its capacity: slow ones, however many, leave
 * room for whoever comes next (Choudhury and Hahne, Dynamic Queue Length Thresholds for Shared-Memory Packet
 * Switches, 1998).
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

  /** How many may be claimed at once, whosever they are. */
  get claimable(): number {
    return partOf(this.#free);
  }

  /** How many of one webhook may be held after a claim: so many that `push` takes all that was claimable. */
  get share(): number {
    if (this.#free === 0) return 0;
    const left = Math.floor((this.#free - this.claimable) * PART_OF_FREE);
    return Math.min(this.#options.capacityPerWebhook, Math.max(1, left));
  }

  heldBy(webhookId: string): number {
    return this.#queues.get(webhookId)?.held ?? 0;
  }

  /** How many each webhook holds. */
  holdings(): { webhookId: string; count: number }[] {
    return Array.from(this.#queues.values(), ({ webhookId, held }) => ({ webhookId, count: held }));
  }

  /** False when there is no room for it. */
  push(delivery: ReadyDelivery): boolean {
    const most = Math.min(this.#options.capacityPerWebhook, partOf(this.#free));
    if (this.heldBy(delivery.webhook.id) >= most) return false;
    const queue = this.#queueOf(delivery.webhook.id);
    queue.limit = delivery.webhook.maxInFlight ?? this.#options.concurrencyPerWebhook;
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
    // Cheap in the long run, and what was sent is kept alive by no more than as many that wait.
    if (queue.head * 2 >= queue.waiting.length) {
      queue.waiting = queue.waiting.slice(queue.head);
      queue.head = 0;
    }
    this.#enterRing(queue);
    return delivery;
  }

  /** The request has ended: another of its webhook may be sent. */
  sent(delivery: ReadyDelivery): void {
    const queue = this.#queueOf(delivery.webhook.id);
    queue.sending -= 1;
    this.#enterRing(queue);
  }

  /** It is recorded, and no longer held. */
  settled(delivery: ReadyDelivery): void {
    const queue = this.#queueOf(delivery.webhook.id);
    queue.held -= 1;
    this.#held -= 1;
    if (queue.held === 0) this.#queues.delete(queue.webhookId);
  }

  /** Takes out what waits for one webhook. */
  take(webhookId: string): ReadyDelivery[] {
    const queue = this.#queues.get(webhookId);
    return queue ? this.#takeWaiting(queue) : [];
  }

  /** Takes out all that waits. */
  drain(): ReadyDelivery[] {
    return Array.from(this.#queues.values()).flatMap((queue) => this.#takeWaiting(queue));
  }

  get #free(): number {
    return this.#options.capacity - this.#held;
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
    if (waits && queue.sending < queue.limit) this.#ring.add(queue);
  }

  #queueOf(webhookId: string): WebhookQueue {
    let queue = this.#queues.get(webhookId);
    if (!queue) {
      queue = { webhookId, waiting: [], head: 0, sending: 0, limit: 0, held: 0 };
      this.#queues.set(webhookId, queue);
    }
    return queue;
  }
}

function partOf(free: number): number {
  return Math.ceil(free * PART_OF_FREE);
}
