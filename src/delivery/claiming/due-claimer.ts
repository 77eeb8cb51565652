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
  readonly now: () => number;
  /** Returns milliseconds of a clock that is never set back. Only differences count. */
  readonly monotonicNow: () => number;
  readonly onClaimed: (deliveries: readonly ReadyDelivery[]) => void;
}

/** Due times are rounded up to multiples of this, so that the failures of a receiver share claims. Milliseconds. */
const DUE_STEP_MS = 50;
/**
 * A claim that brings fewer deliveries is followed by a rest: deliveries that fall due during it share the next claim.
 */
const FEW_CLAIMED = 100;
/** Rest as a multiple of the claim's duration. With hundreds of waiting webhooks a claim costs milliseconds. */
const REST_FACTOR = 9;
/** Maximum rest in milliseconds, which is the most by which retries are late. */
const MAX_REST_MS = 200;

/**
 * Decides when to claim deliveries from the database: retries when they are due, and deliveries that did not fit into
 * memory when there is room.
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
 * During a claim, the timer and `noteRoom` set `#mustClaimAgain`, so that another claim follows at once. `noteDue` sets
 * the timer in every state but stopped; an earlier time replaces a later one. `noteRoom` claims only for webhooks whose
 * deliveries did not fit into memory: `Overflow` holds their ids.
 */
export class DueClaimer {
  readonly #options: DueClaimerOptions;
  readonly #overflow: Overflow;
  readonly #rounds: ClaimRounds;
  readonly #timer: EarliestTimer;
  #claiming: Promise<void> | null = null;
  #mustClaimAgain = false;
  /** End of the rest, in milliseconds since the epoch. The timer waits for it, `noteRoom` does not. */
  #restUntil = 0;
  #isRunning = false;

  constructor(options: DueClaimerOptions) {
    const { queue, buffer, now, onClaimed } = options;
    this.#options = options;
    this.#overflow = new Overflow(buffer);
    this.#timer = new EarliestTimer({ now, onTime: () => this.#claimNow() });
    this.#rounds = new ClaimRounds({
      queue,
      buffer,
      overflow: this.#overflow,
      now,
      onClaimed,
      mayContinue: () => this.#isRunning,
    });
  }

  start(): void {
    this.#isRunning = true;
    this.#claimNow();
  }

  /** Begins no further claim. */
  stopClaiming(): void {
    this.#isRunning = false;
    this.#timer.clear();
  }

  /** Begins no further claim, and waits for the one in progress. */
  async stop(): Promise<void> {
    this.stopClaiming();
    await this.#claiming;
  }

  /** Must be called when a delivery in the database is due at `at`, in milliseconds since the epoch. */
  noteDue(at: number): void {
    if (!this.#isRunning) return;
    this.#timer.set(Math.max(Math.ceil(at / DUE_STEP_MS) * DUE_STEP_MS, this.#restUntil));
  }

  /** Must be called when a delivery of a webhook left memory, so that one from the database may take its place. */
  noteRoom(webhookId: string): void {
    const { buffer, now } = this.#options;
    if (!this.#overflow.has(webhookId)) return;
    if (buffer.isThrottled(webhookId)) {
      // The next probe waits, so that one claim can bring the probes of several webhooks.
      if (buffer.bufferedFor(webhookId) === 0) this.noteDue(now() + RETRY_MS);
      return;
    }
    // Half of a webhook's budget at a time, so that a claim is worth its transaction.
    if (buffer.bufferedFor(webhookId) * 2 <= buffer.perWebhookBudget) this.#claimNow();
  }

  /** Must be called when deliveries were released. They are due, but memory had no room for them. */
  noteReleased(webhookIds: ReadonlySet<string>): void {
    for (const webhookId of webhookIds) this.#overflow.add(webhookId);
    if (this.#isAnyClaimable(webhookIds)) this.noteDue(this.#options.now() + RETRY_MS);
  }

  /** Returns whether a webhook may have due deliveries in the database. */
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
    const { queue, buffer, now, monotonicNow, logger } = this.#options;
    try {
      this.#overflow.clear();
      const startedAt = monotonicNow();
      const { claimedUpTo, count } = await this.#rounds.run();
      if (count < FEW_CLAIMED) this.#rest(monotonicNow() - startedAt);
      const dueAt = await queue.nextDueAt(claimedUpTo);
      if (dueAt !== null) this.noteDue(dueAt);
      if (!this.#isAnyClaimable(this.#overflow) && buffer.claimBudget > 0) return;
      // Usually `noteRoom` claims the overflow. The timer is for webhooks of which no delivery is left in memory.
      this.noteDue(now() + RETRY_MS);
      for (const webhookId of this.#overflow) this.noteRoom(webhookId);
    } catch (error) {
      logger.error({ err: error }, 'due deliveries could not be claimed');
      this.noteDue(now() + RETRY_MS);
    }
  }

  #rest(claimMs: number): void {
    this.#restUntil = this.#options.now() + Math.min(claimMs * REST_FACTOR, MAX_REST_MS);
  }

  /**
   * Returns whether a claim could bring something for one of the webhooks. It could not for a throttled webhook
   * whose next probe is in memory: `noteRoom` is called when that probe has been sent.
   */
  #isAnyClaimable(webhookIds: Iterable<string>): boolean {
    const { buffer } = this.#options;
    for (const webhookId of webhookIds) {
      if (!buffer.isThrottled(webhookId) || buffer.bufferedFor(webhookId) === 0) return true;
    }
    return false;
  }
}
