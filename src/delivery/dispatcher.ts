import type { Attempt, ReadyDelivery, Settlement } from '../domain/delivery.ts';
import { EarliestTimer } from '../platform/earliest-timer.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { aheadMsOf } from '../platform/steady-time.ts';
import type { Settled } from '../storage/contracts/queue.ts';
import type { OnAttemptEnd } from './attempt/make-attempt.ts';
import { AttemptsInFlight } from './attempts-in-flight.ts';
import { DueClaimer } from './claiming/due-claimer.ts';
import { type AttemptedDelivery, Recorder } from './claiming/recorder.ts';
import { Releaser } from './claiming/releaser.ts';
import { logExhausted, logUnsettled } from './delivery-log.ts';
import type { DispatcherOptions } from './dispatcher-options.ts';
import { learnFailing } from './learn-failing.ts';
import { RecentWebhooks } from './recent-webhooks.ts';
import type { CircuitView } from './scheduling/circuit.ts';
import type { CircuitCounts } from './scheduling/circuits.ts';
import { DeliveryBuffer } from './scheduling/delivery-buffer.ts';

/** A delivery that was sent, and the time of the steady clock at which that began. */
interface Sent {
  readonly delivery: ReadyDelivery;
  readonly startedAt: number;
}

/**
 * Maximum number of requests that are started in one turn of the event loop. Without a maximum, hundreds
 * could start in one turn, for example after many receivers have timed out together. Starting 32 requests
 * takes some milliseconds if each request needs a new connection.
 */
const MAX_SENDS_PER_TURN = 32;

/**
 * Sends ready deliveries to their receivers. A commit that makes deliveries ready hands these deliveries over
 * directly, by calling `offer`. The dispatcher claims deliveries from the database only after a start, when
 * retries are due, and when deliveries did not fit into memory.
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
  /**
   * Timer for the next change of a circuit that only depends on time, such as the moment when a probe is
   * allowed.
   */
  readonly #circuitTimer: EarliestTimer;
  readonly #inFlight = new AttemptsInFlight();
  /**
   * Ids of recently removed webhooks. The dispatcher drops the deliveries of these webhooks that a claim in
   * progress still returns.
   */
  readonly #removed = new RecentWebhooks();
  /**
   * Ids of recently paused webhooks. The dispatcher releases the deliveries of these webhooks that a database
   * call in progress still returns.
   */
  readonly #paused = new RecentWebhooks();
  #nextTurn: NodeJS.Immediate | null = null;
  #isRunning = false;
  #stopping: Promise<void> | null = null;

  constructor(options: DispatcherOptions) {
    const { queue, logger, now, steadyNow, pauseAfterMs, limits } = options;
    this.#options = options;
    this.#buffer = new DeliveryBuffer(limits);
    this.#recorder = new Recorder({
      queue,
      logger,
      now,
      steadyNow,
      pauseAfterMs,
      onPaused: (paused) => this.#notePaused(paused),
      onPromoted: (deliveries) => this.offer(deliveries),
      onRecorded: (attempted) => this.#recorded(attempted),
      onLost: (delivery, error) => this.#abandon(delivery, error),
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
      steadyNow,
      onClaimed: (deliveries) => this.#accept(deliveries),
    });
    this.#circuitTimer = new EarliestTimer({ now: steadyNow, onTime: () => this.#advanceCircuits() });
  }

  /** Number of deliveries in memory: waiting, in flight, or not yet recorded. */
  get buffered(): number {
    return this.#buffer.buffered;
  }

  /**
   * Circuits of the webhooks. `counts` has the numbers of open and of half-open circuits. `of` returns the
   * state of one webhook's circuit.
   */
  get circuits(): { readonly counts: CircuitCounts; of(webhookId: string): CircuitView } {
    return this.#buffer.circuits;
  }

  /** Ids of the webhooks whose circuits are not closed. */
  get throttled(): Iterable<string> {
    return this.#buffer.circuits.tripped;
  }

  /** Returns the number of deliveries of one webhook in memory. */
  bufferedFor(webhookId: string): number {
    return this.#buffer.bufferedFor(webhookId);
  }

  /**
   * Returns whether a delivery that is claimed is being sent: its request is in flight, or the result of the
   * request is being recorded. `false`: the delivery waits for its turn.
   */
  isSending(webhookId: string, seq: number): boolean {
    return this.#buffer.bufferedFor(webhookId) > 0 && !this.#buffer.isWaiting(webhookId, seq);
  }

  /** Counts a request to `url` that is no delivery: see `FairScheduler.reserve`. */
  reserve(url: string): (() => void) | null {
    const release = this.#buffer.reserve(url);
    return (
      release &&
      (() => {
        release();
        this.#sendNextTurn();
      })
    );
  }

  /**
   * Starts the dispatcher, and claims what is due.
   * @param claimsAfter fulfils when claims may begin; default: they begin at once
   */
  async start(claimsAfter?: Promise<void>): Promise<void> {
    // Passes `null` instead of a lease, because no other process claims deliveries. All claims of earlier
    // processes are therefore stale at once.
    await this.#options.queue.releaseStaleClaims(null);
    await learnFailing(this.#options.queue, this.#buffer);
    this.#isRunning = true;
    if (!claimsAfter) this.#claimer.start();
    else void claimsAfter.then(() => this.#isRunning && this.#claimer.start());
  }

  /** Accepts deliveries that are ready and claimed. Releases the deliveries that do not fit into memory. */
  offer(deliveries: readonly ReadyDelivery[]): void {
    // Refuses the deliveries of a throttled webhook that has older deliveries in the database, because one of
    // the older deliveries must be the next probe.
    this.#accept(deliveries, (id) => this.#buffer.isThrottled(id) && this.#claimer.hasOverflowed(id));
  }

  /** Must be called when a delivery was made due in the database, so that the delivery is claimed soon. */
  claimSoon(): void {
    this.#claimer.noteDue(this.#options.steadyNow());
  }

  /**
   * Must be called when the steady clock has stepped forward, because the machine was suspended. The timers
   * did not run meanwhile, so that what they wait for might be overdue.
   */
  catchUp(): void {
    this.claimSoon();
    this.#advanceCircuits();
  }

  /**
   * Must be called when a webhook's URL or policies have changed. Releases the webhook's waiting deliveries,
   * so that the deliveries are claimed again with the new URL and policies.
   */
  reloadWebhook(webhookId: string): void {
    this.#releaser.release(this.#buffer.reset(webhookId, this.#options.steadyNow()));
    // Claims the deliveries that an open circuit kept in the database. The circuit is closed now, and nothing
    // else would start a claim.
    this.claimSoon();
  }

  /**
   * Must be called when a webhook was paused. Releases the webhook's waiting deliveries, and every delivery
   * of the webhook that arrives later.
   */
  pauseWebhook(webhookId: string): void {
    this.#paused.add(webhookId);
    this.reloadWebhook(webhookId);
  }

  /** Must be called when a webhook was resumed. Claims the webhook's due deliveries. */
  resumeWebhook(webhookId: string): void {
    this.#paused.delete(webhookId);
    this.claimSoon();
  }

  /**
   * Must be called when a webhook was removed. Drops the webhook's waiting deliveries. Does not interrupt
   * requests in flight.
   */
  removeWebhook(webhookId: string): void {
    this.#buffer.reset(webhookId, this.#options.steadyNow());
    this.#removed.add(webhookId);
  }

  /**
   * Stops accepting deliveries, and waits for the requests in flight. Interrupts the requests that are still
   * in flight after `stopGraceMs`. Then records all results, and releases the waiting deliveries.
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
    await this.#inFlight.untilNone();
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
      // Ignores a pause that is known already: each attempt that was in flight at the pause reports the pause
      // again.
      if (this.#paused.has(webhookId)) continue;
      this.#options.logger.warn({ webhook: webhookId, reason }, 'a webhook was paused');
      this.pauseWebhook(webhookId);
    }
  }

  /**
   * Starts attempts until the limits allow no more. After `MAX_SENDS_PER_TURN` attempts, continues in the
   * next turn of the event loop.
   */
  #sendReady(): void {
    const now = this.#options.steadyNow();
    for (let sent = 0; this.#isRunning && sent < MAX_SENDS_PER_TURN; sent += 1) {
      const delivery = this.#buffer.next(now);
      if (!delivery) return;
      this.#send(delivery, now);
    }
    this.#sendNextTurn();
  }

  /**
   * Starts attempts in the next turn of the event loop. Does so once per turn, even if several attempts have
   * ended in the present turn.
   */
  #sendNextTurn(): void {
    if (!this.#isRunning || !this.#buffer.hasReady) return;
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = null;
      this.#sendReady();
    });
  }

  #send(delivery: ReadyDelivery, startedAt: number): void {
    const onEnd: OnAttemptEnd = (settlement, defect) => {
      try {
        this.#ended({ delivery, startedAt }, settlement, defect);
      } catch (error) {
        // The caller has read an answer, and can do nothing about an error of the dispatcher.
        this.#abandon(delivery, error);
      }
    };
    this.#inFlight.begin();
    try {
      this.#options.attempt(delivery, onEnd);
    } catch (error) {
      onEnd(null, error);
    }
  }

  #ended({ delivery, startedAt }: Sent, settlement: Settlement | null, defect: unknown): void {
    const isKnown = settlement !== null && settlement.receiver !== 'unknown';
    this.#attemptEnded(delivery, isKnown ? settlement.attempt : null, startedAt);
    if (settlement !== null) {
      this.#recorder.record({ delivery, settlement: this.#dueBySteadyClock(settlement) });
    } else if (defect === null) this.#release(delivery);
    else this.#abandon(delivery, defect);
    this.#sendNextTurn();
  }

  /**
   * Returns the settlement with the time of the next attempt by the steady clock. The verdict has it by the
   * wall clock, because a receiver can ask for a time of day.
   */
  #dueBySteadyClock(settlement: Settlement): Settlement {
    const { verdict } = settlement;
    if (verdict.state !== 'pending') return settlement;
    const { now, steadyNow } = this.#options;
    const nextAttemptAt = verdict.nextAttemptAt + aheadMsOf(steadyNow(), now());
    return { ...settlement, verdict: { state: 'pending', nextAttemptAt } };
  }

  /** @param attempt result of the attempt. `null`: the result says nothing about the receiver */
  #attemptEnded(delivery: ReadyDelivery, attempt: Attempt | null, startedAt: number): void {
    const { logger, steadyNow } = this.#options;
    const webhook = delivery.webhook.id;
    this.#inFlight.end();
    // Passes no result while the dispatcher stops, because the stop interrupts attempts.
    const change = this.#buffer.attemptEnded(delivery, this.#isRunning ? attempt : null, {
      startedAt,
      now: steadyNow(),
    });
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
    this.#buffer.advance(this.#options.steadyNow());
    this.#setCircuitTimer();
    this.#sendReady();
  }

  #recorded(attempted: AttemptedDelivery): void {
    const { delivery, settlement } = attempted;
    const { verdict } = settlement;
    this.#options.onRecorded?.(attempted);
    if (verdict.state === 'failed') logExhausted(this.#options.logger, delivery, settlement);
    if (verdict.state === 'pending') this.#claimer.noteDue(verdict.nextAttemptAt);
    this.#buffer.recorded(delivery);
    this.#claimer.noteRoom(delivery.webhook.id);
  }

  /**
   * Releases a delivery whose attempt could not be made or recorded, because of a defect or a stop. The
   * delivery will be sent again.
   */
  #abandon(delivery: ReadyDelivery, error: unknown): void {
    logUnsettled(this.#options.logger, delivery, error);
    this.#release(delivery);
  }

  /** Releases a delivery of which no attempt was recorded. It stays due, and a claim brings it back. */
  #release(delivery: ReadyDelivery): void {
    this.#buffer.recorded(delivery);
    this.#releaser.release([delivery]);
  }
}
