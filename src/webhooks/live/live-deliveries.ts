import type { AttemptedDelivery } from '../../delivery/claiming/recorder.ts';
import type { DeliveryState, ReadyDelivery } from '../../domain/delivery.ts';
import { notFound, ServiceError } from '../../domain/errors.ts';
import type { EventType } from '../../domain/event.ts';
import type { SteadyClock } from '../../platform/steady-clock.ts';
import type { WebhookStore } from '../../storage/contracts/webhooks.ts';
import { AccountFeed, type FeedEntry, type FeedListener, type KeptCount } from './account-feed.ts';
import { accountOf, recordedChange } from './changed-delivery.ts';

/** Maximum number of listeners of one account, and of all accounts. */
const MOST_PER_ACCOUNT = 20;
const MOST_LISTENERS = 500;
/** Milliseconds for which a feed goes on without listeners, so that one that has lost its connection can resume. */
const LINGER_MS = 60_000;

/** Deliveries that a listener asks for. `null`: any. */
export interface LiveFilter {
  readonly webhookId: string | null;
  readonly state: DeliveryState | null;
  readonly event: EventType | null;
  readonly mediaId: string | null;
}

export interface LiveDeliveriesOptions {
  readonly webhooks: Pick<WebhookStore, 'existedEver'>;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  readonly clock: Pick<SteadyClock, 'toWall'>;
}

export interface Listening {
  /** Cursor from which a later listener can resume. */
  readonly cursor: string;
  /** Changes after the given cursor; `null`: no cursor was given, or the changes are not kept any more. */
  readonly missed: readonly FeedEntry[] | null;
  readonly stop: () => void;
}

interface Feed {
  readonly feed: AccountFeed;
  /** Timer that ends the feed; `null`: somebody listens. */
  end: NodeJS.Timeout | null;
}

/**
 * Tells listeners of each change of a delivery of their account. There is one feed in memory for each account that somebody
 * listens to. The database is not asked. As long as nobody listens, a delivery costs a comparison.
 */
export class LiveDeliveries {
  readonly #options: LiveDeliveriesOptions;
  readonly #feeds = new Map<string, Feed>();
  readonly #kept: KeptCount = { count: 0 };
  #listeners = 0;

  constructor(options: LiveDeliveriesOptions) {
    this.#options = options;
  }

  /** Notes deliveries that have become ready. */
  noteReady(deliveries: readonly ReadyDelivery[]): void {
    if (this.#feeds.size === 0) return;
    for (const delivery of deliveries) {
      const entry = this.#feeds.get(accountOf(delivery));
      entry?.feed.note({ delivery, settlement: null, at: this.#options.now() });
    }
  }

  /** Notes an attempt whose result is durable. */
  noteRecorded(attempted: AttemptedDelivery): void {
    if (this.#feeds.size === 0) return;
    const entry = this.#feeds.get(accountOf(attempted.delivery));
    entry?.feed.note(recordedChange(attempted, this.#options.now()));
  }

  /**
   * Calls `onEntry` for each change of the account's deliveries that the filter lets through.
   * @param after cursor after which to resume; `null`: begin with the present
   * @throws ServiceError `not_found` when the account never had the webhook; `limit_reached` or `overloaded` when too many
   * listen
   */
  async listen(
    userId: string,
    { filter, after }: { readonly filter: LiveFilter; readonly after: string | null },
    onEntry: FeedListener,
  ): Promise<Listening> {
    const { webhookId } = filter;
    if (webhookId !== null && !(await this.#options.webhooks.existedEver(userId, webhookId)))
      throw notFound('webhook');
    this.#refuseMore(userId);
    const entry = this.#feedOf(userId);
    const { feed } = entry;
    const listener: FeedListener = (one) => {
      if (passes(one, filter)) onEntry(one);
    };
    const kept = after === null ? null : feed.after(after);
    const missed = kept === null ? null : kept.filter((one) => passes(one, filter));
    feed.add(listener);
    this.#listeners += 1;
    const stop = () => this.#leave(userId, entry, listener);
    return { cursor: feed.cursor, missed, stop };
  }

  /** Ends all feeds. */
  close(): void {
    for (const userId of this.#feeds.keys()) this.#end(userId);
  }

  #refuseMore(userId: string): void {
    if ((this.#feeds.get(userId)?.feed.listeners ?? 0) >= MOST_PER_ACCOUNT) {
      const message = `the account has ${MOST_PER_ACCOUNT} live lists open, and may have no more: close one`;
      throw new ServiceError('limit_reached', message);
    }
    if (this.#listeners >= MOST_LISTENERS)
      throw new ServiceError('overloaded', 'too many live lists are open; try again later');
  }

  #feedOf(userId: string): Feed {
    const { clock } = this.#options;
    const entry = this.#feeds.getOrInsertComputed(userId, () => ({
      feed: new AccountFeed(userId, (steady) => clock.toWall(steady), this.#kept),
      end: null,
    }));
    if (entry.end) clearTimeout(entry.end);
    entry.end = null;
    return entry;
  }

  #leave(userId: string, entry: Feed, listener: FeedListener): void {
    entry.feed.delete(listener);
    this.#listeners -= 1;
    if (entry.feed.listeners === 0 && this.#feeds.get(userId) === entry)
      entry.end = setTimeout(() => this.#end(userId), LINGER_MS).unref();
  }

  #end(userId: string): void {
    const entry = this.#feeds.get(userId);
    if (entry?.end) clearTimeout(entry.end);
    entry?.feed.close();
    this.#feeds.delete(userId);
  }
}

/** Returns whether a listener with this filter gets an entry. Every listener learns that changes were left out. */
function passes(entry: FeedEntry, { webhookId, state, event, mediaId }: LiveFilter): boolean {
  if ('skipped' in entry) return true;
  const { delivery } = entry;
  return (
    (webhookId === null || delivery.webhookId === webhookId) &&
    (state === null || delivery.state === state) &&
    (event === null || delivery.eventType === event) &&
    (mediaId === null || delivery.mediaId === mediaId)
  );
}
