import type { ReadyDelivery } from '../domain/delivery.ts';
import type { Queue } from '../storage/storage.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { WebhookQueues } from './webhook-queues.ts';

export interface BacklogOptions {
  readonly queue: Queue;
  readonly queues: WebhookQueues;
  readonly logger: Logger;
  readonly now: () => number;
  readonly capacityPerWebhook: number;
  readonly onClaimed: (deliveries: readonly ReadyDelivery[]) => void;
}

/** Deliveries fetched by one claim: small enough that other transactions are not held up. */
const CLAIM_BATCH = 1_000;
/** After a claim that failed, and while due deliveries wait for room, the database is asked again so often. */
const RETRY_MS = 1_000;
/** The longest delay a timer takes, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * What waits in the database: retries until they are due, and what did not fit into memory.
 * It keeps one timer, for the earliest of them that it knows of.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #claiming: Promise<void> | null = null;
  #claimAgain = false;
  /** Webhooks that have due deliveries in the database, for which there was no room. */
  readonly #leftBehind = new Set<string>();
  readonly #giving = new Set<Promise<void>>();
  #running = false;

  constructor(options: BacklogOptions) {
    this.#options = options;
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

  /** Fulfils when nothing is under way. */
  async idle(): Promise<void> {
    await this.#claiming;
    await Promise.all(this.#giving);
  }

  /** A delivery in the database is due at `at`, in milliseconds since the epoch. */
  noteDue(at: number): void {
    if (!this.#running || at >= this.#timerAt) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAt = at;
    const delay = Math.min(Math.max(0, at - this.#options.now()), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#claimNow(), delay);
  }

  /** A webhook's delivery left the memory: one that waits in the database may take its place. */
  noteRoom(webhookId: string): void {
    // Half of a webhook's room at a time, so that a claim is worth its transaction.
    const { queues, capacityPerWebhook } = this.#options;
    if (this.#leftBehind.has(webhookId) && queues.roomFor(webhookId) * 2 >= capacityPerWebhook)
      this.#claimNow();
  }

  /** Returns claimed deliveries, which have no room in memory, to the database. */
  giveBack(deliveries: readonly ReadyDelivery[]): void {
    if (deliveries.length === 0) return;
    const giving = this.#giveBack(deliveries);
    this.#giving.add(giving);
    void giving.finally(() => this.#giving.delete(giving));
  }

  async #giveBack(deliveries: readonly ReadyDelivery[]): Promise<void> {
    try {
      await this.#options.queue.release(deliveries.map((delivery) => delivery.seq));
      for (const { webhookId } of deliveries) this.#leftBehind.add(webhookId);
      this.noteDue(this.#options.now() + RETRY_MS);
    } catch (error) {
      // They stay claimed and pending: a restart sends them.
      this.#options.logger.error(
        { err: error, count: deliveries.length },
        'deliveries could not be given back',
      );
    }
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
    const { queue, now, logger } = this.#options;
    try {
      this.#leftBehind.clear();
      // A round that is cut short by its limit leaves some behind; the next begins anew.
      while ((await this.#claimRound()) > 0 && this.#running);
      const dueAt = await queue.nextDueAt();
      if (dueAt === null) return;
      // Whatever is due already had no room: `noteRoom` comes back for it when there is some, and this timer
      // looks after the retries that fall due meanwhile.
      this.noteDue(dueAt <= now() ? now() + RETRY_MS : dueAt);
    } catch (error) {
      logger.error({ err: error }, 'due deliveries could not be claimed');
      this.noteDue(now() + RETRY_MS);
    }
  }

  /** Goes once round all webhooks that have something due, and says how many deliveries it claimed. */
  async #claimRound(): Promise<number> {
    const { queue, queues, now, capacityPerWebhook: perWebhook, onClaimed } = this.#options;
    let after: string | null = null;
    let count = 0;
    do {
      const limit = Math.min(CLAIM_BATCH, queues.room);
      if (limit <= 0) break;
      const claimed = await queue.claim({ now: now(), limit, perWebhook, held: queues.holdings(), after });
      onClaimed(claimed.ready);
      count += claimed.ready.length;
      for (const { webhookId } of claimed.ready) {
        if (queues.roomFor(webhookId) <= 0) this.#leftBehind.add(webhookId);
      }
      after = claimed.after;
    } while (after !== null && this.#running);
    return count;
  }
}
