import type { Attempt, ReadyDelivery } from '../../domain/delivery.ts';
import { FAILURES_TO_OPEN, FAILURES_TO_OPEN_WHEN_CROWDED, isUnanswered } from './circuit.ts';
import { Circuits } from './circuits.ts';
import { FairScheduler, type FairSchedulerOptions, SLOW_AFTER_MS } from './fair-scheduler.ts';
import { MemoryShares } from './memory-shares.ts';
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
 * Maximum number of deliveries that a claim brings of one suspect webhook, as a multiple of the requests that a
 * webhook can have in flight. More would only wait in memory, where suspect webhooks have a small share.
 */
const SUSPECT_CLAIM_FACTOR = 2;

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
  readonly #shares: MemoryShares;

  constructor(options: DeliveryBufferOptions) {
    const { concurrency, concurrencyPerWebhook, concurrencyPerHost } = options;
    const { circuits } = this;
    this.#options = options;
    this.#shares = new MemoryShares(options.capacity);
    this.#scheduler = new FairScheduler({ concurrency, concurrencyPerWebhook, concurrencyPerHost, circuits });
  }

  get buffered(): number {
    return this.#shares.total;
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

  /** Marks webhooks as suspect that failed when the last process ended. */
  noteFailing(webhookIds: readonly string[]): void {
    this.#scheduler.noteFailing(webhookIds);
  }

  /** Returns whether a webhook was found slow, when it was in memory or before. */
  isSuspect(webhookId: string): boolean {
    const queue = this.#queues.get(webhookId);
    return queue ? queue.scheduling.isFoundSlow : this.circuits.lastFailureMs(webhookId) >= SLOW_AFTER_MS;
  }

  /**
   * Returns how much of `perWebhookBudget` each webhook has used up. For a throttled webhook, the returned
   * count is higher than its number of deliveries, so that a claim brings only its next probe. For a suspect
   * webhook it is higher too, so that a claim brings few of its deliveries, or none while suspect webhooks have
   * no room in memory.
   */
  bufferedCounts(): BufferedCount[] {
    const budget = this.perWebhookBudget;
    const mostSuspect = this.#shares.canClaimSuspects
      ? this.#options.concurrencyPerWebhook * SUSPECT_CLAIM_FACTOR
      : 0;
    const surcharge = Math.max(0, budget - mostSuspect);
    const throttledSurcharge = Math.max(0, budget - Math.min(THROTTLED_CAPACITY, mostSuspect));
    const counts = Array.from(this.#queues.values(), ({ webhookId, buffered, scheduling }) => {
      if (this.isThrottled(webhookId)) return { webhookId, count: buffered + throttledSurcharge };
      return { webhookId, count: scheduling.isFoundSlow ? buffered + surcharge : buffered };
    });
    for (const { webhookId, state, failureDurationMs } of this.circuits.failing()) {
      if (this.#queues.has(webhookId)) continue;
      if (state !== 'closed') counts.push({ webhookId, count: throttledSurcharge });
      else if (failureDurationMs >= SLOW_AFTER_MS) counts.push({ webhookId, count: surcharge });
    }
    return counts;
  }

  /** Adds a delivery. @returns `false` if there is no room for the delivery */
  add(delivery: ReadyDelivery): boolean {
    const queue = this.#queueOf(delivery.webhook.id);
    const capacity = this.isThrottled(queue.webhookId)
      ? THROTTLED_CAPACITY
      : this.#options.capacityPerWebhook;
    const free = queue.scheduling.isFoundSlow ? this.#shares.freeForSuspects : this.#shares.free;
    if (queue.buffered >= Math.min(capacity, shareOf(free))) {
      this.#dropIfEmpty(queue);
      return false;
    }
    queue.push(delivery);
    this.#shares.change(queue, 1);
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

  /** Counts a request that is no delivery: see `FairScheduler.reserve`. */
  reserve(url: string): (() => void) | null {
    return this.#scheduler.reserve(url);
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
    if (queue.isCountedAsSuspect !== queue.scheduling.isFoundSlow) this.#shares.change(queue, 0);
    return change;
  }

  /**
   * Must be called when the result of a delivery's attempt is recorded. The delivery then no longer counts as
   * buffered.
   */
  recorded(delivery: ReadyDelivery): void {
    const queue = this.#queueOf(delivery.webhook.id);
    this.#shares.change(queue, -1);
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
    return this.#shares.free;
  }

  #updateCircuit({ webhookId, scheduling }: WebhookQueue, attempt: Attempt, now: number): CircuitChange {
    if (!isUnanswered(attempt, this.#options.attemptTimeoutMs)) {
      return this.circuits.answered(webhookId) ? 'closed' : null;
    }
    const { durationMs } = attempt;
    const isCostly = durationMs >= SLOW_AFTER_MS && this.#scheduler.isCrowded(scheduling, now - durationMs);
    const failuresToOpen = isCostly ? FAILURES_TO_OPEN_WHEN_CROWDED : FAILURES_TO_OPEN;
    return this.circuits.unanswered(webhookId, { at: now, durationMs, failuresToOpen }) ? 'opened' : 'failed';
  }

  #removeWaitingOf(queue: WebhookQueue): ReadyDelivery[] {
    const waiting = queue.removeAll();
    this.#shares.change(queue, -waiting.length);
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
