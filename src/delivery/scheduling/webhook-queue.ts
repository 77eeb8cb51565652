import type { ReadyDelivery } from '../../domain/delivery.ts';
import { ListNode } from '../../platform/linked-list.ts';
import type { Host } from './hosts.ts';
import type { Contender, InFlightBuckets } from './in-flight-buckets.ts';

/** One webhook's deliveries in memory. `Turns` keeps what is its own here, so that a look-up finds all. */
export class WebhookQueue implements Contender<WebhookQueue> {
  readonly webhookId: string;
  /** Waiting, being sent, and sent but not yet recorded. */
  held = 0;
  /** Attempts begun until then went to a URL that is no longer the webhook's; in milliseconds since the epoch. */
  renewedAt = 0;

  /** Its own limit of requests under way at once, by the delivery that came last; null where it has none. */
  maxInFlight: number | null = null;
  inFlight = 0;
  isSuspect = false;
  /** Whether its latest request was answered fast. A new one is neither doubtful nor proven. */
  isProven = false;
  bucket = 0;
  readonly link = new ListNode<WebhookQueue>(this);
  /** Its place among those that have requests under way and are proven. */
  readonly movingLink = new ListNode<WebhookQueue>(this);
  /** Where it waits for its turn; null when it may not send, or has nothing to. */
  place: InFlightBuckets<WebhookQueue> | null = null;
  /** When its latest request ended, or the first of those under way began. */
  movedAt = 0;
  /** The host of the first that waits, and the URL by which that was found. */
  host: Host | null = null;
  url = '';

  /** Waiting to be sent, oldest first, from `#head` on. */
  #waiting: ReadyDelivery[] = [];
  #head = 0;

  constructor(webhookId: string) {
    this.webhookId = webhookId;
  }

  get first(): ReadyDelivery | undefined {
    return this.#waiting[this.#head];
  }

  push(delivery: ReadyDelivery): void {
    this.#waiting.push(delivery);
    this.maxInFlight = delivery.webhook.maxInFlight ?? null;
  }

  /** Takes out the first. */
  shift(): ReadyDelivery | null {
    const delivery = this.first ?? null;
    this.#head += 1;
    // Cheap in the long run, and what was sent is kept alive by no more than as many that wait.
    if (this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return delivery;
  }

  /** Takes out all that wait. */
  takeAll(): ReadyDelivery[] {
    const waiting = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    return waiting;
  }
}
