import type { Attempt, ReadyDelivery, Settlement } from '../domain/delivery.ts';
import type { Logger } from '../logging/logger.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import type { Queue, Settled } from '../storage/contracts/queue.ts';
import { DueClaimer } from './claiming/due-claimer.ts';
import { Recorder } from './claiming/recorder.ts';
import type { CircuitView } from './scheduling/circuit.ts';
import type { CircuitCounts } from './scheduling/circuits.ts';
import { DeliveryBuffer, type DeliveryBufferOptions } from './scheduling/delivery-buffer.ts';

export interface DispatcherOptions extends DeliveryBufferOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  readonly now: () => number;
  /** Makes one attempt; never rejects for what a receiver does. */
  readonly attempt: (delivery: ReadyDelivery) => Promise<Settlement>;
  /** Ends the attempts under way, so that they can be recorded as interrupted. */
  readonly interrupt: () => void;
  /** How long a stop waits for attempts under way before it interrupts them. */
  readonly stopGraceMs: number;
  /** A webhook that has done nothing but fail for so long is paused, in milliseconds; null: never. */
  readonly pauseAfterMs: number | null;
}

/**
 * Requests begun in one turn of the event loop: some milliseconds where each needs a connection. Hundreds may be due at
 * once, when many receivers time out together.
 */
const SENDS_A_TURN = 32;
/** Webhooks removed or paused lately that are remembered: more than there are calls of the database under way. */
const REMEMBERED = 1_000;

/**
 * Sends what is ready. Deliveries reach it straight from the commits that made them ready (`offer`); the
 * database is asked only for what did not fit into memory, for retries when they are due, and after a start.
 *
 *   offer ─▶ WebhookQueues ─▶ attempt ─▶ Recorder ──▶ (promoted) offer
 *              ▲        │ no room                └──▶ (postponed) Backlog
 *              └─ claim ─ Backlog ◀─ release ─┘
 */
export class Dispatcher implements Lifecycle {
  readonly #options: DispatcherOptions;
  readonly #queues: DeliveryBuffer;
  readonly #recorder: Recorder;
  readonly #backlog: DueClaimer;
  /** Attempts under way. */
  #underWay = 0;
  /** Told at a stop, when there are none. */
  #onceNoneUnderWay: (() => void) | null = null;
  /** Webhooks removed lately: a claim that was under way may still bring their deliveries. */
  readonly #forgotten = new Set<string>();
  /** Webhooks paused lately: what a call that was under way still brings goes back to the database. */
  readonly #paused = new Set<string>();
  /** For what time alone does to circuits: the next probe. */
  #circuitTimer: NodeJS.Timeout | null = null;
  #circuitTimerAt = Number.POSITIVE_INFINITY;
  #nextTurn: NodeJS.Immediate | null = null;
  #running = false;
  #stopping: Promise<void> | null = null;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#queues = new DeliveryBuffer(options);
    this.#recorder = new Recorder({
      ...options,
      onPaused: (paused) => this.#notePaused(paused),
      onPromoted: (deliveries) => this.offer(deliveries),
    });
    this.#backlog = new DueClaimer({
      ...options,
      queues: this.#queues,
      onClaimed: (deliveries) => this.#take(deliveries),
    });
  }

  /** How many deliveries are in memory, the ones being sent among them. */
  get buffered(): number {
    return this.#queues.buffered;
  }

  /** How many circuits are not closed, and how one stands. */
  get circuits(): { readonly counts: CircuitCounts; of(webhookId: string): CircuitView } {
    return this.#queues.circuits;
  }

  /** How many of one webhook are. */
  bufferedFor(webhookId: string): number {
    return this.#queues.bufferedFor(webhookId);
  }

  async start(): Promise<void> {
    await this.#options.queue.releaseStaleClaims();
    this.#running = true;
    this.#backlog.start();
  }

  /** Takes deliveries that are ready and claimed; gives back to the database what does not fit. */
  offer(deliveries: readonly ReadyDelivery[]): void {
    // What a circuit has held back is older, and the next probe.
    this.#take(deliveries, (id) => this.#queues.isThrottled(id) && this.#backlog.hasOverflowed(id));
  }

  /** To be called when a delivery was made due in the database. */
  claimSoon(): void {
    this.#backlog.noteDue(this.#options.now());
  }

  /** To be called when a webhook's URL or policies were changed: what is queued for it is read again. */
  reloadWebhook(webhookId: string): void {
    this.#backlog.release(this.#queues.reset(webhookId, this.#options.now()));
    // What a circuit held back is in the database, too, and nothing else would tell of it.
    this.claimSoon();
  }

  /** To be called when a webhook was paused: what is queued for it waits in the database, with all that comes. */
  pauseWebhook(webhookId: string): void {
    remember(this.#paused, webhookId);
    this.reloadWebhook(webhookId);
  }

  /** To be called when a webhook was resumed: what is due for it is sent. */
  resumeWebhook(webhookId: string): void {
    this.#paused.delete(webhookId);
    this.claimSoon();
  }

  /** Drops what is queued for a webhook that was removed; requests under way end as they may. */
  removeWebhook(webhookId: string): void {
    this.#queues.reset(webhookId, this.#options.now());
    remember(this.#forgotten, webhookId);
  }

  /**
   * Takes nothing more, waits for the requests under way, interrupts those that outlast the grace, records them
   * all, and gives the rest back.
   */
  async stop(): Promise<void> {
    if (this.#running) this.#stopping = this.#stop();
    await this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#running = false;
    this.#backlog.stopClaiming();
    if (this.#circuitTimer) clearTimeout(this.#circuitTimer);
    if (this.#nextTurn) clearImmediate(this.#nextTurn);
    const grace = setTimeout(this.#options.interrupt, this.#options.stopGraceMs);
    await this.#untilNoneUnderWay();
    clearTimeout(grace);
    await this.#recorder.stop();
    this.#backlog.release(this.#queues.drain());
    await this.#backlog.stop();
  }

  #take(deliveries: readonly ReadyDelivery[], mustWait: (webhookId: string) => boolean = () => false): void {
    const wanted = deliveries.filter(({ webhook }) => !this.#forgotten.has(webhook.id));
    const canHold = ({ webhook }: ReadyDelivery) =>
      this.#running && !this.#paused.has(webhook.id) && !mustWait(webhook.id);
    this.#backlog.release(wanted.filter((delivery) => !canHold(delivery) || !this.#queues.add(delivery)));
    this.#sendMore();
  }

  #notePaused(paused: Settled['paused']): void {
    for (const { webhookId, reason } of paused) {
      // Attempts that were under way at the pause end after it, and tell of it again.
      if (this.#paused.has(webhookId)) continue;
      this.#options.logger.warn({ webhook: webhookId, reason }, 'a webhook was paused');
      this.pauseWebhook(webhookId);
    }
  }

  /** Begins what may be sent, in this turn of the event loop and the next ones. */
  #sendMore(): void {
    const now = this.#options.now();
    for (let sent = 0; this.#running && sent < SENDS_A_TURN; sent += 1) {
      const delivery = this.#queues.next(now);
      if (!delivery) return;
      this.#send(delivery).catch((error) => this.#leave(delivery, error));
    }
    this.#sendSoon();
  }

  /** Attempts that end in one turn share what may be sent for them. */
  #sendSoon(): void {
    if (!this.#running) return;
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = null;
      this.#sendMore();
    });
  }

  async #send(delivery: ReadyDelivery): Promise<void> {
    let settlement: Settlement;
    this.#underWay += 1;
    try {
      settlement = await this.#options.attempt(delivery);
    } catch (error) {
      this.#sent(delivery, null);
      this.#sendSoon();
      return this.#leave(delivery, error);
    }
    this.#sent(delivery, settlement.attempt);
    const recording = this.#recorder.record(settlement);
    this.#sendSoon();
    try {
      await recording;
    } catch (error) {
      return this.#leave(delivery, error);
    }
    this.#recorded(delivery, settlement);
  }

  #untilNoneUnderWay(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#underWay === 0) resolve();
      else this.#onceNoneUnderWay = resolve;
    });
  }

  #sent(delivery: ReadyDelivery, attempt: Attempt | null): void {
    const { logger, now } = this.#options;
    const webhook = delivery.webhook.id;
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#onceNoneUnderWay?.();
    // A stop interrupts attempts, which tells nothing of their receivers.
    const change = this.#queues.attemptEnded(delivery, this.#running ? attempt : null, now());
    if (change === null) return;
    if (change === 'closed') logger.info({ webhook }, 'a receiver answers again');
    if (change === 'opened') {
      logger.warn({ webhook, error: attempt?.error }, 'a receiver does not answer; it is only probed');
      this.#backlog.release(this.#queues.removeWaiting(webhook));
    }
    this.#setCircuitTimer();
  }

  #setCircuitTimer(): void {
    const at = this.#queues.circuits.nextChangeAt;
    if (!this.#running || at === null || at >= this.#circuitTimerAt) return;
    if (this.#circuitTimer) clearTimeout(this.#circuitTimer);
    this.#circuitTimerAt = at;
    this.#circuitTimer = setTimeout(() => this.#advanceCircuits(), Math.max(0, at - this.#options.now()));
  }

  #advanceCircuits(): void {
    this.#circuitTimerAt = Number.POSITIVE_INFINITY;
    this.#queues.advance(this.#options.now());
    this.#setCircuitTimer();
    this.#sendMore();
  }

  #recorded(delivery: ReadyDelivery, settlement: Settlement): void {
    const { verdict } = settlement;
    if (verdict.state === 'failed') this.#tellExhausted(delivery, settlement);
    if (verdict.state === 'pending') this.#backlog.noteDue(verdict.nextAttemptAt);
    this.#queues.recorded(delivery);
    this.#backlog.noteRoom(delivery.webhook.id);
  }

  /** The one entry that a delivery has in the log: attempts before its last, and successes, have none. */
  #tellExhausted(delivery: ReadyDelivery, { attempt }: Settlement): void {
    const { number: attempts, status, error: reason } = attempt;
    this.#options.logger.info({ ...idsOf(delivery), attempts, status, reason }, 'a delivery was exhausted');
  }

  /** A defect of ours, or given up at a stop: whoever claims it next sends it again. */
  #leave(delivery: ReadyDelivery, error: unknown): void {
    this.#options.logger.error({ err: error, ...idsOf(delivery) }, 'a delivery could not be settled');
    this.#queues.recorded(delivery);
    this.#backlog.release([delivery]);
  }
}

function remember(webhookIds: Set<string>, webhookId: string): void {
  webhookIds.add(webhookId);
  const [oldest] = webhookIds;
  if (oldest !== undefined && webhookIds.size > REMEMBERED) webhookIds.delete(oldest);
}

/** What the log names a delivery by. */
function idsOf({ id, webhook, event }: ReadyDelivery) {
  return { delivery: id, webhook: webhook.id, event: event.id, media: event.mediaId };
}
