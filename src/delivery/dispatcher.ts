import type { Attempt, ReadyDelivery, Settlement } from '../domain/delivery.ts';
import type { Logger } from '../logging/logger.ts';
import { EarliestTimer } from '../platform/earliest-timer.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import type { Queue, Settled } from '../storage/contracts/queue.ts';
import { DueClaimer } from './claiming/due-claimer.ts';
import { Recorder } from './claiming/recorder.ts';
import { Releaser } from './claiming/releaser.ts';
import type { CircuitView } from './scheduling/circuit.ts';
import type { CircuitCounts } from './scheduling/circuits.ts';
import { DeliveryBuffer, type DeliveryBufferOptions } from './scheduling/delivery-buffer.ts';

export interface DispatcherOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  readonly now: () => number;
  /** Returns milliseconds of a clock that is never set back. Only differences count. */
  readonly monotonicNow: () => number;
  /** Makes one attempt. Does not reject if the receiver fails. */
  readonly attempt: (delivery: ReadyDelivery) => Promise<Settlement>;
  /** Ends the attempts in flight, so that they can be recorded as interrupted. */
  readonly interrupt: () => void;
  /** Milliseconds for which a stop waits for attempts in flight before it interrupts them. */
  readonly stopGraceMs: number;
  /** Milliseconds of nothing but failures after which a webhook is paused. `null`: never. */
  readonly pauseAfterMs: number | null;
  /** Limits of what is in memory and in flight. */
  readonly limits: DeliveryBufferOptions;
}

/**
 * Maximum number of requests begun in one turn of the event loop: some milliseconds if each needs a connection.
 * Hundreds may become due at once, when many receivers time out together.
 */
const MAX_SENDS_PER_TURN = 32;
/** Number of removed or paused webhooks to remember: more than there are database calls in progress at any time. */
const MAX_RECENT_WEBHOOKS = 1_000;

/**
 * Sends what is ready. Deliveries arrive here directly from the commits that made them ready (`offer`). The database is
 * asked only for those that did not fit into memory, for retries when they are due, and after a start.
 *
 *   offer --> DeliveryBuffer --> attempt --> Recorder --> promoted: offer
 *               ^      | no room                    \---> postponed: DueClaimer notes when it is due
 *               |      v
 *               |   Releaser --> database
 *               |                    |
 *               +---- DueClaimer <---+
 */
export class Dispatcher implements Lifecycle {
  readonly #options: DispatcherOptions;
  readonly #buffer: DeliveryBuffer;
  readonly #recorder: Recorder;
  readonly #releaser: Releaser;
  readonly #claimer: DueClaimer;
  /** Timer for the next change of a circuit that time brings, such as a probe. */
  readonly #circuitTimer: EarliestTimer;
  #attemptsInFlight = 0;
  /** Called at a stop when no attempt is in flight any more. */
  #onNoneInFlight: (() => void) | null = null;
  /** Recently removed webhooks. A claim in progress may still bring deliveries of them, which are dropped. */
  readonly #removed = new Set<string>();
  /** Recently paused webhooks. A call in progress may still bring deliveries of them, which are released. */
  readonly #paused = new Set<string>();
  #nextTurn: NodeJS.Immediate | null = null;
  #isRunning = false;
  #stopping: Promise<void> | null = null;

  constructor(options: DispatcherOptions) {
    const { queue, logger, now, monotonicNow, pauseAfterMs, limits } = options;
    this.#options = options;
    this.#buffer = new DeliveryBuffer(limits);
    this.#recorder = new Recorder({
      queue,
      logger,
      now,
      pauseAfterMs,
      onPaused: (paused) => this.#notePaused(paused),
      onPromoted: (deliveries) => this.offer(deliveries),
    });
    this.#releaser = new Releaser({
      queue,
      logger,
      onReleased: (webhookIds) => this.#claimer.noteReleased(webhookIds),
    });
    this.#claimer = new DueClaimer({
      queue,
      buffer: this.#buffer,
      logger,
      now,
      monotonicNow,
      onClaimed: (deliveries) => this.#accept(deliveries),
    });
    this.#circuitTimer = new EarliestTimer({ now, onTime: () => this.#advanceCircuits() });
  }

  /** Number of deliveries in memory: waiting, in flight, or not yet recorded. */
  get buffered(): number {
    return this.#buffer.buffered;
  }

  /** Number of circuits that are not closed, and the state of each. */
  get circuits(): { readonly counts: CircuitCounts; of(webhookId: string): CircuitView } {
    return this.#buffer.circuits;
  }

  /** Returns the number of deliveries of one webhook in memory. */
  bufferedFor(webhookId: string): number {
    return this.#buffer.bufferedFor(webhookId);
  }

  async start(): Promise<void> {
    // Only one process claims, so that it needs no lease.
    await this.#options.queue.releaseStaleClaims(null);
    this.#isRunning = true;
    this.#claimer.start();
  }

  /** Accepts deliveries that are ready and claimed. Releases those that do not fit into memory. */
  offer(deliveries: readonly ReadyDelivery[]): void {
    // In the database are older deliveries of such a webhook. One of them must be the next probe.
    this.#accept(deliveries, (id) => this.#buffer.isThrottled(id) && this.#claimer.hasOverflowed(id));
  }

  /** Must be called when a delivery was made due in the database. */
  claimSoon(): void {
    this.#claimer.noteDue(this.#options.now());
  }

  /**
   * Must be called when a webhook's URL or policies have changed. Its waiting deliveries are claimed again with them.
   */
  reloadWebhook(webhookId: string): void {
    this.#releaser.release(this.#buffer.reset(webhookId, this.#options.now()));
    // Deliveries that an open circuit kept in the database are claimable now, and nothing else would claim them.
    this.claimSoon();
  }

  /** Must be called when a webhook was paused. Its waiting deliveries are released, and so are later ones. */
  pauseWebhook(webhookId: string): void {
    rememberRecent(this.#paused, webhookId);
    this.reloadWebhook(webhookId);
  }

  /** Must be called when a webhook was resumed. Its due deliveries are claimed. */
  resumeWebhook(webhookId: string): void {
    this.#paused.delete(webhookId);
    this.claimSoon();
  }

  /**
   * Must be called when a webhook was removed. Drops its waiting deliveries. Requests in flight are not interrupted.
   */
  removeWebhook(webhookId: string): void {
    this.#buffer.reset(webhookId, this.#options.now());
    rememberRecent(this.#removed, webhookId);
  }

  /**
   * Accepts no more deliveries, waits for the requests in flight, interrupts them when the grace period is over,
   * records all results, and releases the waiting deliveries.
   */
  async stop(): Promise<void> {
    if (this.#isRunning) this.#stopping = this.#stop();
    await this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#isRunning = false;
    this.#claimer.stopClaiming();
    this.#circuitTimer.clear();
    if (this.#nextTurn) clearImmediate(this.#nextTurn);
    const grace = setTimeout(this.#options.interrupt, this.#options.stopGraceMs);
    await this.#untilNoneInFlight();
    clearTimeout(grace);
    await this.#recorder.stop();
    this.#releaser.release(this.#buffer.drain());
    await this.#claimer.stop();
    await this.#releaser.stop();
  }

  #accept(deliveries: readonly ReadyDelivery[], mustWait?: (webhookId: string) => boolean): void {
    if (deliveries.length === 0) return;
    const refused: ReadyDelivery[] = [];
    for (const delivery of deliveries) {
      const { id } = delivery.webhook;
      if (this.#removed.has(id)) continue;
      const mayBuffer = this.#isRunning && !this.#paused.has(id) && !mustWait?.(id);
      if (!mayBuffer || !this.#buffer.add(delivery)) refused.push(delivery);
    }
    this.#releaser.release(refused);
    this.#sendReady();
  }

  #notePaused(paused: Settled['paused']): void {
    for (const { webhookId, reason } of paused) {
      // Each attempt that was in flight at the pause reports it again.
      if (this.#paused.has(webhookId)) continue;
      this.#options.logger.warn({ webhook: webhookId, reason }, 'a webhook was paused');
      this.pauseWebhook(webhookId);
    }
  }

  /** Begins the attempts that may begin, in this turn of the event loop and in the next ones. */
  #sendReady(): void {
    const now = this.#options.now();
    for (let sent = 0; this.#isRunning && sent < MAX_SENDS_PER_TURN; sent += 1) {
      const delivery = this.#buffer.next(now);
      if (!delivery) return;
      this.#send(delivery).catch((error) => this.#abandon(delivery, error));
    }
    this.#sendNextTurn();
  }

  /** Begins attempts once per turn, even if several attempts have ended in it. */
  #sendNextTurn(): void {
    if (!this.#isRunning || !this.#buffer.hasReady) return;
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = null;
      this.#sendReady();
    });
  }

  async #send(delivery: ReadyDelivery): Promise<void> {
    let settlement: Settlement;
    this.#attemptsInFlight += 1;
    try {
      settlement = await this.#options.attempt(delivery);
    } catch (error) {
      this.#attemptEnded(delivery, null);
      this.#sendNextTurn();
      return this.#abandon(delivery, error);
    }
    this.#attemptEnded(delivery, settlement.attempt);
    const recording = this.#recorder.record(settlement);
    this.#sendNextTurn();
    try {
      await recording;
    } catch (error) {
      return this.#abandon(delivery, error);
    }
    this.#recorded(delivery, settlement);
  }

  #untilNoneInFlight(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#attemptsInFlight === 0) resolve();
      else this.#onNoneInFlight = resolve;
    });
  }

  #attemptEnded(delivery: ReadyDelivery, attempt: Attempt | null): void {
    const { logger, now } = this.#options;
    const webhook = delivery.webhook.id;
    this.#attemptsInFlight -= 1;
    if (this.#attemptsInFlight === 0) this.#onNoneInFlight?.();
    // A stop interrupts attempts, so that their results say nothing about the receivers.
    const change = this.#buffer.attemptEnded(delivery, this.#isRunning ? attempt : null, now());
    if (change === null) return;
    if (change === 'closed') logger.info({ webhook }, 'a receiver answers again');
    if (change === 'opened') {
      logger.warn({ webhook, error: attempt?.error }, 'a receiver does not answer; it is only probed');
      this.#releaser.release(this.#buffer.removeWaiting(webhook));
    }
    this.#setCircuitTimer();
  }

  #setCircuitTimer(): void {
    const at = this.#buffer.circuits.nextChangeAt;
    if (this.#isRunning && at !== null) this.#circuitTimer.set(at);
  }

  #advanceCircuits(): void {
    this.#buffer.advance(this.#options.now());
    this.#setCircuitTimer();
    this.#sendReady();
  }

  #recorded(delivery: ReadyDelivery, settlement: Settlement): void {
    const { verdict } = settlement;
    if (verdict.state === 'failed') this.#logExhausted(delivery, settlement);
    if (verdict.state === 'pending') this.#claimer.noteDue(verdict.nextAttemptAt);
    this.#buffer.recorded(delivery);
    this.#claimer.noteRoom(delivery.webhook.id);
  }

  /** Writes the only log entry of a delivery: successes and retried attempts have none. */
  #logExhausted(delivery: ReadyDelivery, { attempt }: Settlement): void {
    const { number: attempts, status, error: reason } = attempt;
    this.#options.logger.info(
      { ...logFieldsOf(delivery), attempts, status, reason },
      'a delivery was exhausted',
    );
  }

  /** Releases a delivery that could not be settled, because of a defect or at a stop. It will be sent again. */
  #abandon(delivery: ReadyDelivery, error: unknown): void {
    this.#options.logger.error({ err: error, ...logFieldsOf(delivery) }, 'a delivery could not be settled');
    this.#buffer.recorded(delivery);
    this.#releaser.release([delivery]);
  }
}

function rememberRecent(webhookIds: Set<string>, webhookId: string): void {
  webhookIds.add(webhookId);
  const [oldest] = webhookIds;
  if (oldest !== undefined && webhookIds.size > MAX_RECENT_WEBHOOKS) webhookIds.delete(oldest);
}

/** Returns the fields that identify a delivery in the log. */
function logFieldsOf({ id, webhook, event }: ReadyDelivery) {
  return { delivery: id, webhook: webhook.id, event: event.id, media: event.mediaId };
}
