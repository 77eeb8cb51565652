import type { ReadyDelivery } from '../../domain/delivery.ts';
import { SchedulingState, type WaitingDeliveries } from './scheduling-state.ts';

/** Deliveries of one webhook in memory, with the scheduler's state of it, so that one look-up finds both. */
export class WebhookQueue implements WaitingDeliveries {
  readonly webhookId: string;
  readonly scheduling: SchedulingState;
  /** Deliveries that wait, are in flight, or are sent but not yet recorded. */
  buffered = 0;
  /**
   * When the webhook was last reset, in milliseconds since the epoch. Results of attempts that began before say nothing
   * about its present URL.
   */
  resetAt = 0;
  /** Limit that the newest delivery carries. */
  maxInFlight: number | null = null;

  /** Waiting deliveries, oldest first. Those before `#head` are removed already. */
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
    // Copying when half is removed costs O(1) per delivery on average, and bounds how many sent deliveries stay alive.
    if (this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return delivery;
  }

  /** Removes and returns all waiting deliveries. */
  removeAll(): ReadyDelivery[] {
    const waiting = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    return waiting;
  }
}
