import type { Attempt, ReadyDelivery } from '../../domain/delivery.ts';
import { isUnanswered } from './circuit.ts';
import { Circuits } from './circuits.ts';
import { FairScheduler, type FairSchedulerOptions } from './fair-scheduler.ts';
import { WebhookQueue } from './webhook-queue.ts';

export interface DeliveryBufferOptions extends Omit<FairSchedulerOptions, 'circuits'> {
  /** Deliveries held in memory; the rest waits in the database. */
  readonly capacity: number;
  /** Of these, those of one webhook, so that a slow one can't take the room of the others. */
  readonly capacityPerWebhook: number;
  /** How long a receiver has for its whole answer, in milliseconds. */
  readonly attemptTimeoutMs: number;
}

/** What the end of an attempt did to its webhook's circuit; `failed` may have opened again what was half open. */
export type CircuitChange = 'opened' | 'closed' | 'failed' | null;

/**
 * One webhook may hold an eighth of what is free. A lone one then gets a ninth of all; sixty that hang, one after
 * the other, still leave room for the next, where sixteen would fill it if each could take half.
 */
const PART_OF_FREE = 1 / 8;
/** What a webhook may hold while its circuit is not closed: its next probe. The rest can wait in the database. */
const HELD_BACK_CAPACITY = 1;

/**
 * Deliveries held in memory, one queue a webhook; `Turns` says which of them sends next.
 *
 * No webhook may hold more than a part of what is free, whatever its capacity: slow ones, however many, leave
 * room for whoever comes next (Choudhury and Hahne, Dynamic Queue Length Thresholds for Shared-Memory Packet
 * Switches, 1998).
 */
export class DeliveryBuffer {
  readonly circuits = new Circuits();
  readonly #options: DeliveryBufferOptions;
  readonly #turns: FairScheduler;
  readonly #queues = new Map<string, WebhookQueue>();
  #held = 0;

  constructor(options: DeliveryBufferOptions) {
    this.#options = options;
    this.#turns = new FairScheduler({ ...options, circuits: this.circuits });
  }

  get buffered(): number {
    return this.#held;
  }

  /** How many may be claimed at once, whosever they are. */
  get claimBudget(): number {
    return partOf(this.#free);
  }

  /** How many of one webhook may be held after a claim: so many that `push` takes all that was claimable. */
  get perWebhookBudget(): number {
    if (this.#free === 0) return 0;
    const left = Math.floor((this.#free - this.claimBudget) * PART_OF_FREE);
    return Math.min(this.#options.capacityPerWebhook, Math.max(1, left));
  }

  bufferedFor(webhookId: string): number {
    return this.#queues.get(webhookId)?.held ?? 0;
  }

  /** Whether its circuit keeps it from holding more than its next probe. */
  isThrottled(webhookId: string): boolean {
    return !this.circuits.isClosed(webhookId);
  }

  /** How much of its share each webhook has: what it holds, or so much that it gets no more than it may. */
  holdings(): { webhookId: string; count: number }[] {
    const beyond = Math.max(0, this.perWebhookBudget - HELD_BACK_CAPACITY);
    const holdings = Array.from(this.#queues.values(), ({ webhookId, held }) => ({
      webhookId,
      count: this.isThrottled(webhookId) ? held + beyond : held,
    }));
    for (const webhookId of this.circuits.tripped) {
      if (!this.#queues.has(webhookId)) holdings.push({ webhookId, count: beyond });
    }
    return holdings;
  }

  /** False when there is no room for it. */
  add(delivery: ReadyDelivery): boolean {
    const { id } = delivery.webhook;
    const capacity = this.isThrottled(id) ? HELD_BACK_CAPACITY : this.#options.capacityPerWebhook;
    if (this.bufferedFor(id) >= Math.min(capacity, partOf(this.#free))) return false;
    const queue = this.#queueOf(id);
    queue.push(delivery);
    queue.held += 1;
    this.#held += 1;
    this.#turns.enqueue(queue);
    return true;
  }

  /** The next delivery to be sent, counted as being sent until `sent`. */
  next(now: number): ReadyDelivery | null {
    const queue = this.#turns.next(now);
    if (!queue) return null;
    const delivery = queue.shift();
    this.#turns.enqueue(queue);
    return delivery;
  }

  /**
   * The request has ended: another of its webhook may be sent.
   * @param attempt what came of it; null where that tells nothing of the receiver
   */
  attemptEnded(delivery: ReadyDelivery, attempt: Attempt | null, now: number): CircuitChange {
    const queue = this.#queueOf(delivery.webhook.id);
    const change = attempt && attempt.at > queue.renewedAt ? this.#judge(queue, attempt, now) : null;
    this.#turns.finished(queue, delivery.webhook.url, attempt?.durationMs ?? 0, now);
    return change;
  }

  /** It is recorded, and no longer held. */
  recorded(delivery: ReadyDelivery): void {
    const queue = this.#queueOf(delivery.webhook.id);
    queue.held -= 1;
    this.#held -= 1;
    this.#dropIfEmpty(queue);
  }

  /** Lets webhooks send whose circuits have become half open. */
  advance(now: number): void {
    for (const webhookId of this.circuits.advance(now)) {
      const queue = this.#queues.get(webhookId);
      if (queue) this.#turns.enqueue(queue);
    }
  }

  /** Takes out what waits for one webhook. */
  removeWaiting(webhookId: string): ReadyDelivery[] {
    const queue = this.#queues.get(webhookId);
    return queue ? this.#takeWaiting(queue) : [];
  }

  /** The same, for a webhook that begins anew: what is under way tells nothing of it. */
  reset(webhookId: string, now: number): ReadyDelivery[] {
    const queue = this.#queues.get(webhookId);
    if (queue) queue.renewedAt = now;
    this.circuits.reset(webhookId);
    return this.removeWaiting(webhookId);
  }

  /** Takes out all that waits. */
  drain(): ReadyDelivery[] {
    return Array.from(this.#queues.values()).flatMap((queue) => this.#takeWaiting(queue));
  }

  get #free(): number {
    return this.#options.capacity - this.#held;
  }

  #judge({ webhookId }: WebhookQueue, attempt: Attempt, now: number): CircuitChange {
    if (!isUnanswered(attempt, this.#options.attemptTimeoutMs)) {
      return this.circuits.answered(webhookId) ? 'closed' : null;
    }
    return this.circuits.unanswered(webhookId, now, attempt.durationMs) ? 'opened' : 'failed';
  }

  #takeWaiting(queue: WebhookQueue): ReadyDelivery[] {
    const waiting = queue.takeAll();
    queue.held -= waiting.length;
    this.#held -= waiting.length;
    this.#turns.requeue(queue);
    this.#dropIfEmpty(queue);
    return waiting;
  }

  #dropIfEmpty(queue: WebhookQueue): void {
    if (queue.held > 0) return;
    this.#turns.unregister(queue);
    this.#queues.delete(queue.webhookId);
  }

  #queueOf(webhookId: string): WebhookQueue {
    let queue = this.#queues.get(webhookId);
    if (!queue) {
      queue = new WebhookQueue(webhookId);
      this.#turns.register(queue);
      this.#queues.set(webhookId, queue);
    }
    return queue;
  }
}

function partOf(free: number): number {
  return Math.ceil(free * PART_OF_FREE);
}
