import type { AttemptedDelivery } from '../../delivery/claiming/recorder.ts';
import { type DeliveryHour, HOUR_MS } from '../../domain/delivery-hour.ts';
import type { Logger } from '../../logging/logger.ts';
import type { WebhookListRequest, WebhookStore } from '../../storage/contracts/webhooks.ts';
import { accountOf } from './changed-delivery.ts';

/** Milliseconds for which attempts are counted in memory before the counters are stored. A crash loses these. */
const STORE_AFTER_MS = 10_000;
/** Number of hours for which counters are kept. */
export const KEPT_HOURS = 168;
/** Maximum number of counters in one transaction. */
const MOST_STORED = 1_000;
/** Maximum number of counters that are removed each time. */
const MOST_REMOVED = 10_000;

type Counters = { -readonly [Name in keyof DeliveryHour]: DeliveryHour[Name] };

/** Counters of one webhook, and the account that it belongs to. */
interface Counted extends Counters {
  readonly userId: string;
}

export interface DeliveryStatisticsOptions {
  readonly store: Pick<WebhookStore, 'addHours' | 'hours' | 'list' | 'removeHours'>;
  readonly logger: Logger;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Statistics {
  /** First hour, as a number since the epoch. */
  readonly from: number;
  readonly total: readonly DeliveryHour[];
  readonly webhooks: readonly { readonly id: string; readonly hours: readonly DeliveryHour[] }[];
}

/**
 * Counts attempts by webhook, account and hour. An attempt is counted in memory; the counters are stored every ten seconds, so that
 * the transaction of a delivery has no part in it.
 */
export class DeliveryStatistics {
  readonly #options: DeliveryStatisticsOptions;
  /** Counters that are not stored, by webhook, of the hour `#hour`. */
  #counted = new Map<string, Counted>();
  #hour = 0;
  /** Counters of earlier hours, and of failed stores. */
  #waiting: DeliveryHour[] = [];
  #timer: NodeJS.Timeout | null = null;
  #storing: Promise<void> = Promise.resolve();
  #removedAt = 0;

  constructor(options: DeliveryStatisticsOptions) {
    this.#options = options;
  }

  noteRecorded({ delivery, settlement: { attempt, verdict, receiver } }: AttemptedDelivery): void {
    if (receiver === 'unknown') return;
    const hour = Math.floor(attempt.at / HOUR_MS);
    if (hour !== this.#hour) this.#begin(hour);
    let counted = this.#counted.get(delivery.webhook.id);
    if (counted === undefined) {
      counted = { ...zero(hour, delivery.webhook.id), userId: accountOf(delivery) };
      this.#counted.set(delivery.webhook.id, counted);
      this.#timer ??= setTimeout(() => void this.store(), STORE_AFTER_MS).unref();
    }
    counted.attempts += 1;
    counted.durationMs += attempt.durationMs;
    if (attempt.status === null) counted.unanswered += 1;
    if (receiver === 'works') counted.acknowledged += 1;
    if (verdict.state === 'succeeded') counted.succeeded += 1;
    if (verdict.state === 'failed') counted.failed += 1;
  }

  /** Stores what was counted. Counters that could not be stored are stored the next time. */
  store(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#begin(this.#hour);
    this.#storing = this.#storing.then(() => this.#store());
    return this.#storing;
  }

  /** Returns the counters of the last hours: of the account, and of one page of its webhooks. */
  async read(
    userId: string,
    { hours, page }: { hours: number; page: WebhookListRequest },
  ): Promise<Statistics> {
    const { store, now } = this.#options;
    await this.store();
    const { items } = await store.list(userId, page);
    const to = Math.floor(now() / HOUR_MS);
    const from = to - hours + 1;
    const owners = [userId, ...items.map(({ id }) => id)];
    const found = Map.groupBy(await store.hours(userId, { owners, from, to }), ({ owner }) => owner);
    const webhooks = items.map(({ id }) => ({ id, hours: found.get(id) ?? [] }));
    return { from, total: found.get(userId) ?? [], webhooks };
  }

  /** Moves what was counted to the waiting counters, and begins an hour. */
  #begin(hour: number): void {
    if (this.#counted.size > 0) this.#waiting.push(...withAccounts([...this.#counted.values()]));
    this.#counted = new Map();
    this.#hour = hour;
  }

  async #store(): Promise<void> {
    const { store, logger, now } = this.#options;
    try {
      while (this.#waiting.length > 0) {
        const some = this.#waiting.slice(0, MOST_STORED);
        await store.addHours(some);
        this.#waiting = this.#waiting.slice(some.length);
      }
      const hour = Math.floor(now() / HOUR_MS);
      if (hour === this.#removedAt) return;
      await store.removeHours(hour - KEPT_HOURS, MOST_REMOVED);
      this.#removedAt = hour;
    } catch (err) {
      logger.warn({ err }, 'counters of attempts could not be stored');
    }
  }
}

function zero(hour: number, owner: string): Counters {
  return { hour, owner, attempts: 0, acknowledged: 0, unanswered: 0, succeeded: 0, failed: 0, durationMs: 0 };
}

/** Returns the counters of webhooks, and their sums for each account. */
function withAccounts(counted: readonly Counted[]): DeliveryHour[] {
  const accounts = new Map<string, Counters>();
  const webhooks = counted.map(({ userId, ...hour }) => {
    const sum = accounts.getOrInsertComputed(userId, () => zero(hour.hour, userId));
    sum.attempts += hour.attempts;
    sum.acknowledged += hour.acknowledged;
    sum.unanswered += hour.unanswered;
    sum.succeeded += hour.succeeded;
    sum.failed += hour.failed;
    sum.durationMs += hour.durationMs;
    return hour;
  });
  return [...webhooks, ...accounts.values()];
}
