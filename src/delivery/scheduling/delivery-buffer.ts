import type { Attempt, ReadyDelivery } from '../../domain/delivery.ts';
import { isUnanswered } from './circuit.ts';
import { Circuits } from './circuits.ts';
import { FairScheduler, type FairSchedulerOptions, SLOW_AFTER_MS } from './fair-scheduler.ts';
import { WebhookQueue } from './webhook-queue.ts';

export interface DeliveryBufferOptions extends Omit<FairSchedulerOptions, 'circuits'> {
  /** Maximum number of deliveries in memory. Further deliveries wait in the database. */
  readonly capacity: number;
  /**
   * Maximum number of deliveries of one webhook in memory, so that a slow webhook cannot use up the capacity.
   */
  readonly capacityPerWebhook: number;
  /** Time limit for a receiver's whole answer, in milliseconds. */
  readonly attemptTimeoutMs: number;
}

/**
 * Effect of an attempt on its webhook's circuit. `opened`: the circuit was closed, and is open now. `closed`:
 * the circuit is closed again. `failed`: the attempt was unanswered; a half-open circuit is open again, and a
 * closed one stays closed. `null`: no effect on the state.
 */
export type CircuitChange = 'opened' | 'closed' | 'failed' | null;

/** Number of buffered deliveries of one webhook. */
export interface BufferedCount {
  readonly webhookId: string;
  readonly count: number;
}

/**
 * Maximum share of the free capacity that one webhook can use (a dynamic threshold). A webhook that is alone
 * in memory can use a ninth of the whole capacity, because an eighth of the other eight ninths is as much.
 * After sixty webhooks have begun to hang, one after the other, there is still room for the next webhook.
 * With a share of one half, sixteen webhooks would fill the capacity.
 */
const MAX_SHARE_OF_FREE_CAPACITY = 1 / 8;
/**
 * Maximum number of buffered deliveries of a webhook whose circuit is not closed. The one delivery is the
 * next probe. The webhook's other deliveries wait in the database.
 */
const THROTTLED_CAPACITY = 1;

/**
 * Deliveries in memory, in one queue for each webhook. `FairScheduler` decides which queue sends next.
 *
 * One webhook can buffer at most a share of the free capacity, even if its own limit is higher. So there is
 * room for other webhooks, however many slow webhooks there are (Choudhury and Hahne, Dynamic Queue Length
 * Thresholds for Shared-Memory Packet Switches, 1998).
 */
export class DeliveryBuffer {
  readonly circuits = new Circuits();
  readonly #options: DeliveryBufferOptions;
  readonly #scheduler: FairScheduler;
  readonly #queues = new Map<string, WebhookQueue>();
  #buffered = 0;

  constructor(options: DeliveryBufferOptions) {
    const { concurrency, concurrencyPerWebhook, concurrencyPerHost } = options;
    const { circuits } = this;
    this.#options = options;
    this.#scheduler = new FairScheduler({ concurrency, concurrencyPerWebhook, concurrencyPerHost, circuits });
  }

  get buffered(): number {
    return this.#buffered;
  }

  /**
   * Whether any queue is ready to send. `false`: `next` returns `null`. `true`: `next` returns a delivery,
   * unless a limit of requests in flight is reached.
   */
  get hasReady(): boolean {
    return this.#scheduler.hasReady;
  }

  /** Maximum number of deliveries that one claim brings into memory, for all webhooks together. */
  get claimBudget(): number {
    return shareOf(this.#free);
  }

  /**
   * Maximum number of deliveries that one webhook has in memory after a claim. So low that `add` accepts
   * every delivery of the claim.
   */
  get perWebhookBudget(): number {
    if (this.#free === 0) return 0;
    const left = Math.floor((this.#free - this.claimBudget) * MAX_SHARE_OF_FREE_CAPACITY);
    return Math.min(this.#options.capacityPerWebhook, Math.max(1, left));
  }

  bufferedFor(webhookId: string): number {
    return this.#queues.get(webhookId)?.buffered ?? 0;
  }

  /**
   * Returns whether a delivery waits in memory for its turn. `false`: the delivery is in flight, is being
   * recorded, or is not in memory.
   */
  isWaiting(webhookId: string, seq: number): boolean {
    return this.#queues.get(webhookId)?.isWaiting(seq) ?? false;
  }

  /**
   * Returns whether a webhook is throttled. A webhook is throttled while its circuit is not closed. Then only
   * its next probe is buffered.
   */
  isThrottled(webhookId: string): boolean {
    return !this.circuits.isClosed(webhookId);
  }

  /**
   * Returns how much of `perWebhookBudget` each webhook has used up. For a throttled webhook, the returned
   * count is higher than its number of deliveries, so that a claim brings only its next probe.
   */
  bufferedCounts(): BufferedCount[] {
    const surcharge = Math.max(0, this.perWebhookBudget - THROTTLED_CAPACITY);
    const counts = Array.from(this.#queues.values(), ({ webhookId, buffered }) => ({
      webhookId,
      count: this.isThrottled(webhookId) ? buffered + surcharge : buffered,
    }));
    for (const webhookId of this.circuits.tripped) {
      if (!this.#queues.has(webhookId)) counts.push({ webhookId, count: surcharge });
    }
    return counts;
  }

  /** Adds a delivery. @returns `false` if there is no room for the delivery */
  add(delivery: ReadyDelivery): boolean {
    const { id } = delivery.webhook;
    const capacity = this.isThrottled(id) ? THROTTLED_CAPACITY : this.#options.capacityPerWebhook;
    if (this.bufferedFor(id) >= Math.min(capacity, shareOf(this.#free))) return false;
    const queue = this.#queueOf(id);
    queue.push(delivery);
    queue.buffered += 1;
    this.#buffered += 1;
    this.#scheduler.enqueue(queue.scheduling);
    return true;
  }

  /**
   * Returns the next delivery to send. The delivery counts as in flight until `attemptEnded` is called.
   * `null`: no delivery can be sent now.
   */
  next(now: number): ReadyDelivery | null {
    return this.#scheduler.next(now);
  }

  /**
   * Must be called when the attempt of a delivery has ended, so that another delivery of its webhook can be
   * sent.
   * @param attempt result of the attempt. `null`: the result says nothing about the receiver
   */
  attemptEnded(
    delivery: ReadyDelivery,
    attempt: Attempt | null,
    { startedAt, now }: { readonly startedAt: number; readonly now: number },
  ): CircuitChange {
    const queue = this.#queueOf(delivery.webhook.id);
    const change = attempt && startedAt > queue.resetAt ? this.#updateCircuit(queue, attempt, now) : null;
    // Rates an attempt without a result as slow, because it has held a place among the requests in flight. If the
    // service can't open connections, webhooks with open connections keep the other half of the places.
    const durationMs = attempt?.durationMs ?? SLOW_AFTER_MS;
    this.#scheduler.finished(queue.scheduling, delivery.webhook.url, durationMs, now);
    return change;
  }

  /**
   * Must be called when the result of a delivery's attempt is recorded. The delivery then no longer counts as
   * buffered.
   */
  recorded(delivery: ReadyDelivery): void {
    const queue = this.#queueOf(delivery.webhook.id);
    queue.buffered -= 1;
    this.#buffered -= 1;
    this.#dropIfEmpty(queue);
  }

  /**
   * Updates the circuits to the time `now`. If a webhook's circuit became half open, makes its queue ready
   * for a probe.
   */
  advance(now: number): void {
    for (const webhookId of this.circuits.advance(now)) {
      const queue = this.#queues.get(webhookId);
      if (queue) this.#scheduler.enqueue(queue.scheduling);
    }
  }

  /** Removes and returns the waiting deliveries of one webhook. */
  removeWaiting(webhookId: string): ReadyDelivery[] {
    const queue = this.#queues.get(webhookId);
    return queue ? this.#removeWaitingOf(queue) : [];
  }

  /**
   * Removes and returns the waiting deliveries of one webhook, and closes its circuit. Attempts in flight
   * will not change the circuit, because these attempts were made with the old settings of the webhook.
   */
  reset(webhookId: string, now: number): ReadyDelivery[] {
    const queue = this.#queues.get(webhookId);
    if (queue) queue.resetAt = now;
    this.circuits.reset(webhookId);
    return this.removeWaiting(webhookId);
  }

  /** Removes and returns all waiting deliveries. */
  drain(): ReadyDelivery[] {
    return Array.from(this.#queues.values()).flatMap((queue) => this.#removeWaitingOf(queue));
  }

  get #free(): number {
    return this.#options.capacity - this.#buffered;
  }

  #updateCircuit({ webhookId }: WebhookQueue, attempt: Attempt, now: number): CircuitChange {
    if (!isUnanswered(attempt, this.#options.attemptTimeoutMs)) {
      return this.circuits.answered(webhookId) ? 'closed' : null;
    }
    return this.circuits.unanswered(webhookId, now, attempt.durationMs) ? 'opened' : 'failed';
  }

  #removeWaitingOf(queue: WebhookQueue): ReadyDelivery[] {
    const waiting = queue.removeAll();
    queue.buffered -= waiting.length;
    this.#buffered -= waiting.length;
    this.#scheduler.requeue(queue.scheduling);
    this.#dropIfEmpty(queue);
    return waiting;
  }

  #dropIfEmpty(queue: WebhookQueue): void {
    if (queue.buffered > 0) return;
    this.#scheduler.unregister(queue.scheduling);
    this.#queues.delete(queue.webhookId);
  }

  #queueOf(webhookId: string): WebhookQueue {
    let queue = this.#queues.get(webhookId);
    if (!queue) {
      queue = new WebhookQueue(webhookId);
      this.#scheduler.register(queue.scheduling);
      this.#queues.set(webhookId, queue);
    }
    return queue;
  }
}

function shareOf(free: number): number {
  return Math.ceil(free * MAX_SHARE_OF_FREE_CAPACITY);
}
