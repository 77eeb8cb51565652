import type { ReadyDelivery } from '../../domain/delivery.ts';
import { SchedulingState, type WaitingDeliveries } from './scheduling-state.ts';

/**
 * Buffered deliveries of one webhook. The object also has the scheduler's state of the webhook, so that one
 * look-up finds both.
 */
export class WebhookQueue implements WaitingDeliveries {
  readonly webhookId: string;
  readonly scheduling: SchedulingState;
  /** Number of deliveries in memory: waiting, in flight, or sent but not yet recorded. */
  buffered = 0;
  /** Whether `buffered` is counted among the deliveries of suspect webhooks. */
  isCountedAsSuspect = false;
  /**
   * When the webhook was last reset, by the steady clock. Attempts that began before a reset do
   * not change the webhook's circuit, because these attempts might have been made with an earlier URL.
   */
  resetAt = 0;
  /**
   * Maximum number of requests in flight that the webhook itself sets, taken from its newest delivery.
   * `null`: the service's default.
   */
  maxInFlight: number | null = null;

  /** Waiting deliveries, oldest first. The elements before the index `#head` have been removed already. */
  #waiting: ReadyDelivery[] = [];
  #head = 0;

  constructor(webhookId: string) {
    this.webhookId = webhookId;
    this.scheduling = new SchedulingState(this);
  }

  get first(): ReadyDelivery | undefined {
    return this.#waiting[this.#head];
  }

  push(delivery: ReadyDelivery): void {
    this.#waiting.push(delivery);
    this.maxInFlight = delivery.webhook.maxInFlight ?? null;
  }

  removeFirst(): ReadyDelivery | null {
    const delivery = this.first ?? null;
    this.#head += 1;
    // Copies the array when half of its elements are removed. The copying costs O(1) per delivery on average,
    // and frees the memory of removed deliveries.
    if (this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return delivery;
  }

  /** Returns whether the delivery with the number `seq` waits here. Takes time in proportion to the queue. */
  isWaiting(seq: number): boolean {
    return this.#waiting.findIndex((delivery, index) => index >= this.#head && delivery.seq === seq) !== -1;
  }

  /** Removes and returns all waiting deliveries. */
  removeAll(): ReadyDelivery[] {
    const waiting = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    return waiting;
  }
}
