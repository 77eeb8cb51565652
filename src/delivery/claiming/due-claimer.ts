import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import { RETRY_MS } from '../../platform/retry.ts';
import type { Queue } from '../../storage/contracts/queue.ts';
import type { DeliveryBuffer } from '../scheduling/delivery-buffer.ts';
import { Releaser } from './releaser.ts';

export interface DueClaimerOptions {
  readonly queue: Queue;
  readonly queues: DeliveryBuffer;
  readonly logger: Logger;
  readonly now: () => number;
  readonly onClaimed: (deliveries: readonly ReadyDelivery[]) => void;
}

/** Deliveries fetched by one claim: small enough that other transactions are not held up. */
const CLAIM_BATCH = 1_000;
/** The longest delay a timer takes, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Due times are rounded up to multiples of this, so that a receiver's failures cost few claims, not one each. */
const DUE_STEP_MS = 50;
/** A claim that brings fewer than this is followed by a rest: what falls due meanwhile shares the next. */
const WORTH_A_CLAIM = 100;
/** So many times as long as the claim took: with hundreds of webhooks that wait, each costs milliseconds. */
const REST = 9;
/** Retries are late by no more. */
const MAX_REST_MS = 200;

/**
 * What waits in the database: retries until they are due, and what did not fit into memory.
 * It keeps one timer, for the earliest of them that it knows of.
 */
export class DueClaimer {
  readonly #options: DueClaimerOptions;
  readonly #releaser: Releaser;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #claiming: Promise<void> | null = null;
  #claimAgain = false;
  /** Where the round of claims ended when memory was full; the next goes on there, so that all have their turn. */
  #after: number | null = null;
  /** Webhooks that may have due deliveries in the database, for which there was no room. */
  readonly #leftBehind = new Set<string>();
  /** Milliseconds since the epoch: what falls due before waits for it; room that was made does not. */
  #restUntil = 0;
  #running = false;

  constructor(options: DueClaimerOptions) {
    this.#options = options;
    this.#releaser = new Releaser({
      ...options,
      onReleased: (webhookIds) => {
        for (const webhookId of webhookIds) this.#leftBehind.add(webhookId);
        if (this.#anyFetchable(webhookIds)) this.noteDue(options.now() + RETRY_MS);
      },
    });
  }

  start(): void {
    this.#running = true;
    this.#claimNow();
  }

  /** Claims nothing more; `giveBack` goes on working. */
  stopClaiming(): void {
    this.#running = false;
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Fulfils when nothing is under way; what can't be given back is given up. */
  async stop(): Promise<void> {
    this.stopClaiming();
    await this.#claiming;
    await this.#releaser.stop();
  }

  /** A delivery in the database is due at `at`, in milliseconds since the epoch. */
  noteDue(at: number): void {
    const timerAt = Math.max(Math.ceil(at / DUE_STEP_MS) * DUE_STEP_MS, this.#restUntil);
    if (!this.#running || timerAt >= this.#timerAt) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAt = timerAt;
    const delay = Math.min(Math.max(0, timerAt - this.#options.now()), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#claimNow(), delay);
  }

  /** A webhook's delivery left the memory: one that waits in the database may take its place. */
  noteRoom(webhookId: string): void {
    const { queues, now } = this.#options;
    if (!this.#leftBehind.has(webhookId)) return;
    if (queues.isThrottled(webhookId)) {
      // Its next probe can wait until those of others are fetched, too.
      if (queues.bufferedFor(webhookId) === 0) this.noteDue(now() + RETRY_MS);
      return;
    }
    // Half of a webhook's share at a time, so that a claim is worth its transaction.
    if (queues.bufferedFor(webhookId) * 2 <= queues.perWebhookBudget) this.#claimNow();
  }

  /** Whether the webhook may have due deliveries in the database. */
  hasOverflowed(webhookId: string): boolean {
    return this.#leftBehind.has(webhookId);
  }

  /** Returns claimed deliveries, which have no room in memory, to the database. */
  release(deliveries: readonly ReadyDelivery[]): void {
    this.#releaser.release(deliveries);
  }

  #claimNow(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (!this.#running) return;
    if (this.#claiming) {
      this.#claimAgain = true;
      return;
    }
    this.#claiming = this.#claim().finally(() => {
      this.#claiming = null;
      if (!this.#claimAgain) return;
      this.#claimAgain = false;
      this.#claimNow();
    });
  }

  async #claim(): Promise<void> {
    const { queue, queues, now, logger } = this.#options;
    try {
      this.#leftBehind.clear();
      const startedAt = performance.now();
      const { claimedUpTo, count } = await this.#claimRounds();
      if (count < WORTH_A_CLAIM) this.#rest(performance.now() - startedAt);
      const dueAt = await queue.nextDueAt(claimedUpTo);
      if (dueAt !== null) this.noteDue(dueAt);
      if (!this.#anyFetchable(this.#leftBehind) && queues.claimBudget > 0) return;
      // `noteRoom` comes back for what was left behind; this looks after whoever tells of no room again.
      this.noteDue(now() + RETRY_MS);
      for (const webhookId of this.#leftBehind) this.noteRoom(webhookId);
    } catch (error) {
      logger.error({ err: error }, 'due deliveries could not be claimed');
      this.noteDue(now() + RETRY_MS);
    }
  }

  #rest(claimMs: number): void {
    this.#restUntil = this.#options.now() + Math.min(claimMs * REST, MAX_REST_MS);
  }

  /**
   * Goes round the webhooks that have something due, until a round took all that was due or memory is full.
   * @returns how many were claimed, and up to when what was due has been, but for what was left behind
   */
  async #claimRounds(): Promise<{ claimedUpTo: number; count: number }> {
    const { queues, now } = this.#options;
    let claimedUpTo = now();
    let count = 0;
    // Of a round that began in the middle nothing can be concluded.
    let leavesMore = true;
    while (this.#running && queues.claimBudget > 0) {
      if (this.#after === null) {
        claimedUpTo = now();
        leavesMore = false;
      }
      const claim = await this.#claimSome();
      count += claim.count;
      leavesMore ||= claim.leavesMore;
      if (this.#after === null && !leavesMore) return { claimedUpTo, count };
    }
    this.#noteLeftBehind();
    return { claimedUpTo, count };
  }

  /** One claim of a round; tells whether more of what it passed over may be due than it took. */
  async #claimSome(): Promise<{ count: number; leavesMore: boolean }> {
    const { queue, queues, now, onClaimed } = this.#options;
    this.#noteLeftBehind();
    const { perWebhookBudget } = queues;
    const buffered = queues.holdings();
    const { ready, after } = await queue.claim({
      now: now(),
      limit: Math.min(CLAIM_BATCH, queues.claimBudget),
      perWebhook: perWebhookBudget,
      buffered,
      after: this.#after,
    });
    this.#after = after;
    onClaimed(ready);
    // One that ended at its limit may have cut short the webhook that it ended with.
    return {
      count: ready.length,
      leavesMore: after !== null || reachesShare(ready, buffered, perWebhookBudget),
    };
  }

  /** A claim passes over the webhooks whose share is in memory already, and says nothing of them. */
  #noteLeftBehind(): void {
    const { queues } = this.#options;
    for (const { webhookId, count } of queues.holdings()) {
      if (count >= queues.perWebhookBudget) this.#leftBehind.add(webhookId);
    }
  }

  /**
   * Whether it is worth while to look again for one of them. It is not where a circuit holds a webhook back that
   * has its next probe in memory: `noteRoom` comes when that has been sent.
   */
  #anyFetchable(webhookIds: ReadonlySet<string>): boolean {
    const { queues } = this.#options;
    for (const webhookId of webhookIds) {
      if (!queues.isThrottled(webhookId) || queues.bufferedFor(webhookId) === 0) return true;
    }
    return false;
  }
}

/** Whether a webhook got all that it may hold: it may have more. */
function reachesShare(
  ready: readonly ReadyDelivery[],
  held: ReturnType<DeliveryBuffer['holdings']>,
  share: number,
): boolean {
  const counts = new Map<string, number>();
  for (const { webhook } of ready) counts.set(webhook.id, (counts.get(webhook.id) ?? 0) + 1);
  for (const { webhookId, count } of held) {
    const taken = counts.get(webhookId);
    if (taken !== undefined) counts.set(webhookId, taken + count);
  }
  return counts.values().some((count) => count >= share);
}
