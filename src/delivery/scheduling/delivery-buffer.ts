import type { Attempt, ReadyDelivery } from '../../domain/delivery.ts';
import { isUnanswered } from './circuit.ts';
import { Circuits } from './circuits.ts';
import { Turns, type TurnsOptions } from './fair-scheduler.ts';
import { WebhookQueue } from './webhook-queue.ts';

export interface WebhookQueuesOptions extends Omit<TurnsOptions, 'circuits'> {
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
export class WebhookQueues {
  readonly circuits = new Circuits();
  readonly #options: WebhookQueuesOptions;
  readonly #turns: Turns;
  readonly #queues = new Map<string, WebhookQueue>();
  #held = 0;

  constructor(options: WebhookQueuesOptions) {
    this.#options = options;
    this.#turns = new Turns({ ...options, circuits: this.circuits });
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

  /** Whether its circuit keeps it from holding more than its next probe. */
  isHeldBack(webhookId: string): boolean {
    return !this.circuits.isClosed(webhookId);
  }

  /** How much of its share each webhook has: what it holds, or so much that it gets no more than it may. */
  holdings(): { webhookId: string; count: number }[] {
    const beyond = Math.max(0, this.share - HELD_BACK_CAPACITY);
    const holdings = Array.from(this.#queues.values(), ({ webhookId, held }) => ({
      webhookId,
      count: this.isHeldBack(webhookId) ? held + beyond : held,
    }));
    for (const webhookId of this.circuits.tripped) {
      if (!this.#queues.has(webhookId)) holdings.push({ webhookId, count: beyond });
    }
    return holdings;
  }

  /** False when there is no room for it. */
  push(delivery: ReadyDelivery): boolean {
    const { id } = delivery.webhook;
    const capacity = this.isHeldBack(id) ? HELD_BACK_CAPACITY : this.#options.capacityPerWebhook;
    if (this.heldBy(id) >= Math.min(capacity, partOf(this.#free))) return false;
    const queue = this.#queueOf(id);
    queue.push(delivery);
    queue.held += 1;
    this.#held += 1;
    this.#turns.enter(queue);
    return true;
  }

  /** The next delivery to be sent, counted as being sent until `sent`. */
  next(now: number): ReadyDelivery | null {
    const queue = this.#turns.next(now);
    if (!queue) return null;
    const delivery = queue.shift();
    this.#turns.enter(queue);
    return delivery;
  }

  /**
   * The request has ended: another of its webhook may be sent.
   * @param attempt what came of it; null where that tells nothing of the receiver
   */
  sent(delivery: ReadyDelivery, attempt: Attempt | null, now: number): CircuitChange {
    const queue = this.#queueOf(delivery.webhook.id);
    const change = attempt && attempt.at > queue.renewedAt ? this.#judge(queue, attempt, now) : null;
    this.#turns.ended(queue, delivery.webhook.url, attempt?.durationMs ?? 0, now);
    return change;
  }

  /** It is recorded, and no longer held. */
  settled(delivery: ReadyDelivery): void {
    const queue = this.#queueOf(delivery.webhook.id);
    queue.held -= 1;
    this.#held -= 1;
    this.#dropIfEmpty(queue);
  }

  /** Lets webhooks send whose circuits have become half open. */
  advance(now: number): void {
    for (const webhookId of this.circuits.advance(now)) {
      const queue = this.#queues.get(webhookId);
      if (queue) this.#turns.enter(queue);
    }
  }

  /** Takes out what waits for one webhook. */
  take(webhookId: string): ReadyDelivery[] {
    const queue = this.#queues.get(webhookId);
    return queue ? this.#takeWaiting(queue) : [];
  }

  /** The same, for a webhook that begins anew: what is under way tells nothing of it. */
  renew(webhookId: string, now: number): ReadyDelivery[] {
    const queue = this.#queues.get(webhookId);
    if (queue) queue.renewedAt = now;
    this.circuits.reset(webhookId);
    return this.take(webhookId);
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
    this.#turns.reenter(queue);
    this.#dropIfEmpty(queue);
    return waiting;
  }

  #dropIfEmpty(queue: WebhookQueue): void {
    if (queue.held > 0) return;
    this.#turns.part(queue);
    this.#queues.delete(queue.webhookId);
  }

  #queueOf(webhookId: string): WebhookQueue {
    let queue = this.#queues.get(webhookId);
    if (!queue) {
      queue = new WebhookQueue(webhookId);
      this.#turns.meet(queue);
      this.#queues.set(webhookId, queue);
    }
    return queue;
  }
}

function partOf(free: number): number {
  return Math.ceil(free * PART_OF_FREE);
}
