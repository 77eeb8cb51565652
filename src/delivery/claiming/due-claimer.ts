import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import { EarliestTimer } from '../../platform/earliest-timer.ts';
import { RETRY_MS } from '../../platform/retry.ts';
import type { Queue } from '../../storage/contracts/queue.ts';
import type { DeliveryBuffer } from '../scheduling/delivery-buffer.ts';
import { ClaimRounds } from './claim-rounds.ts';
import { Overflow } from './overflow.ts';

export interface DueClaimerOptions {
  readonly queue: Queue;
  readonly buffer: DeliveryBuffer;
  readonly logger: Logger;
  /** Returns the time of the steady clock, by which deliveries are due. */
  readonly steadyNow: () => number;
  readonly onClaimed: (deliveries: readonly ReadyDelivery[]) => void;
}

/**
 * Times at which deliveries are due are rounded up to a multiple of this number of milliseconds. Retries that
 * are due at nearly the same time, such as the retries to one receiver, then share a claim.
 */
const DUE_STEP_MS = 50;
/**
 * If fewer deliveries than this number were claimed, the claimer rests: for a short time, its timer starts no
 * claim. Deliveries that become due in this time share the next claim.
 */
const FEW_CLAIMED = 100;
/**
 * Duration of the claimer's rest, as a multiple of the duration of the claim before it. With hundreds of waiting
 * webhooks a claim takes milliseconds, so that claims without rests would occupy the database's thread.
 */
const REST_FACTOR = 9;
/** Maximum duration of the claimer's rest in milliseconds. A rest delays retries by at most this time. */
const MAX_REST_MS = 200;

/**
 * Decides when to claim deliveries from the database. Retries are claimed when they are due. Deliveries that
 * did not fit into memory are claimed when memory has room for them.
 *
 *   +---------+  start   +----------+  nothing is due later          +-----------+
 *   | stopped | -------> | claiming | -----------------------------> | idle      |
 *   +---------+          |          | <----------------------------- |           |
 *        ^               |          |  noteRoom                      +-----------+
 *        | stop, from    |          |                                      |  noteDue: sets the timer
 *        | any state     |          |                                      v
 *                        |          |  more is due later, or failed  +-----------+
 *                        |          | -----------------------------> | scheduled |
 *                        |          | <----------------------------- |           |
 *                        +----------+  the timer fires, or noteRoom  +-----------+
 *
 * During a claim, the timer and `noteRoom` set `#mustClaimAgain`, so that another claim follows at once.
 * `noteDue` sets the timer in every state except stopped; an earlier time replaces a later one. `noteRoom`
 * claims only for webhooks whose deliveries did not fit into memory: `Overflow` contains the ids of these
 * webhooks.
 */
export class DueClaimer {
  readonly #options: DueClaimerOptions;
  readonly #overflow: Overflow;
  readonly #rounds: ClaimRounds;
  readonly #timer: EarliestTimer;
  #claiming: Promise<void> | null = null;
  #mustClaimAgain = false;
  /**
   * End of the claimer's rest, by the steady clock. Before this time, the timer starts no claim,
   * but `noteRoom` can start one.
   */
  #restUntil = 0;
  #isRunning = false;

  constructor(options: DueClaimerOptions) {
    const { queue, buffer, steadyNow, onClaimed } = options;
    this.#options = options;
    this.#overflow = new Overflow(buffer);
    this.#timer = new EarliestTimer({ now: steadyNow, onTime: () => this.#claimNow() });
    this.#rounds = new ClaimRounds({
      queue,
      buffer,
      overflow: this.#overflow,
      steadyNow,
      onClaimed,
      mayContinue: () => this.#isRunning,
    });
  }

  start(): void {
    this.#isRunning = true;
    this.#claimNow();
  }

  /** Prevents further claims. A claim that is in progress continues. */
  stopClaiming(): void {
    this.#isRunning = false;
    this.#timer.clear();
  }

  /** Prevents further claims, and waits for the claim that is in progress. */
  async stop(): Promise<void> {
    this.stopClaiming();
    await this.#claiming;
  }

  /**
   * Must be called when a delivery in the database is due at `at`, by the steady clock. Sets the timer for a
   * claim.
   */
  noteDue(at: number): void {
    if (!this.#isRunning) return;
    this.#timer.set(Math.max(Math.ceil(at / DUE_STEP_MS) * DUE_STEP_MS, this.#restUntil));
  }

  /**
   * Claims due deliveries of a webhook from the database, if memory has room for these deliveries. Must be
   * called when a delivery of the webhook has left memory.
   */
  noteRoom(webhookId: string): void {
    const { buffer, steadyNow } = this.#options;
    if (!this.#overflow.has(webhookId)) return;
    if (buffer.isThrottled(webhookId)) {
      // Claims the next probe after a delay of `RETRY_MS`, so that one claim can bring the probes of several
      // webhooks.
      if (buffer.bufferedFor(webhookId) === 0) this.noteDue(steadyNow() + RETRY_MS);
      return;
    }
    // Claims deliveries of suspect webhooks later, so that one claim can bring those of several webhooks. There
    // is not always room for the deliveries of all suspect webhooks.
    if (buffer.isSuspect(webhookId)) {
      this.noteDue(steadyNow() + RETRY_MS);
      return;
    }
    // Claims only when at least half of the webhook's budget is free, so that the claim brings enough
    // deliveries to be worth a transaction.
    if (buffer.bufferedFor(webhookId) * 2 <= buffer.perWebhookBudget) this.#claimNow();
  }

  /**
   * Must be called with the ids of webhooks whose deliveries were released. Notes that these webhooks have
   * due deliveries in the database, and schedules a claim of these deliveries.
   */
  noteReleased(webhookIds: ReadonlySet<string>): void {
    for (const webhookId of webhookIds) this.#overflow.add(webhookId);
    if (this.#isAnyClaimable(webhookIds)) this.noteDue(this.#options.steadyNow() + RETRY_MS);
  }

  /** Returns whether a webhook might have due deliveries in the database. */
  hasOverflowed(webhookId: string): boolean {
    return this.#overflow.has(webhookId);
  }

  #claimNow(): void {
    this.#timer.clear();
    if (!this.#isRunning) return;
    if (this.#claiming) {
      this.#mustClaimAgain = true;
      return;
    }
    this.#claiming = this.#claim().finally(() => {
      this.#claiming = null;
      if (!this.#mustClaimAgain) return;
      this.#mustClaimAgain = false;
      this.#claimNow();
    });
  }

  async #claim(): Promise<void> {
    const { queue, buffer, steadyNow, logger } = this.#options;
    try {
      this.#overflow.clear();
      const startedAt = steadyNow();
      const { claimedUpTo, count } = await this.#rounds.run();
      if (count < FEW_CLAIMED) this.#rest(steadyNow() - startedAt);
      const dueAt = await queue.nextDueAt(claimedUpTo);
      if (dueAt !== null) this.noteDue(dueAt);
      if (!this.#isAnyClaimable(this.#overflow) && buffer.claimBudget > 0) return;
      // Sets the timer for webhooks without deliveries in memory, because `noteRoom` is not called for such
      // webhooks. For other webhooks, `noteRoom` usually starts the claim.
      this.noteDue(steadyNow() + RETRY_MS);
      for (const webhookId of this.#overflow) this.noteRoom(webhookId);
    } catch (error) {
      logger.error({ err: error }, 'due deliveries could not be claimed');
      this.noteDue(steadyNow() + RETRY_MS);
    }
  }

  #rest(claimMs: number): void {
    this.#restUntil = this.#options.steadyNow() + Math.min(claimMs * REST_FACTOR, MAX_REST_MS);
  }

  /**
   * Returns whether a claim could bring a delivery of at least one of the webhooks. A throttled webhook whose
   * next probe is in memory gets no delivery from a claim; `noteRoom` is called when the probe has been
   * recorded.
   */
  #isAnyClaimable(webhookIds: Iterable<string>): boolean {
    const { buffer } = this.#options;
    for (const webhookId of webhookIds) {
      if (!buffer.isThrottled(webhookId) || buffer.bufferedFor(webhookId) === 0) return true;
    }
    return false;
  }
}
