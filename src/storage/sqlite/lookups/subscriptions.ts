import type { DatabaseSync } from 'node:sqlite';
import type { WebhookTarget } from '../../../domain/delivery.ts';
import { EVENT_TYPES, type EventType } from '../../../domain/event.ts';
import type { SealedCredentials } from '../../encryption/webhook-credentials.ts';
import { type TargetRow, toTarget } from './webhook-target.ts';

/** A webhook that subscribes to an event type. */
export interface Subscriber {
  /** The webhook's number in the database. */
  readonly seq: number;
  readonly isPaused: boolean;
  /** Where deliveries are sent. A row: its credentials are not decrypted yet. Only `Subscriptions.targetOf` reads this. */
  target: WebhookTarget | WebhookRow;
}

interface WebhookRow extends TargetRow {
  readonly seq: number;
  readonly pausedAt: number | null;
}

type SubscribersByType = Readonly<Record<EventType, readonly Subscriber[]>>;

/**
 * Maximum number of characters in the cache. This is enough for some 4,000 accounts that have one webhook
 * without headers each. With many more accounts, most entries are removed before they are used again. Then a
 * larger cache costs the garbage collector more time than it saves.
 */
const CACHED_CHARACTERS = 2 * 1024 * 1024;
/**
 * Number of characters that count for an account's entry in the cache, in addition to those of its webhooks.
 */
const ACCOUNT_CHARACTERS = 200;

const WEBHOOKS = `
  select seq, id, url, credentials, retry_schedule as retrySchedule, max_in_flight as maxInFlight,
    revision, paused_at as pausedAt, file_received, encoding_started, partial_finished, encoding_finished, encoding_failed
  from webhooks where user_id = ? and deleted_at is null order by created_at, seq`;

const TARGET_COLUMNS = ['url', 'credentials', 'retry_schedule', 'max_in_flight', 'revision'];

/**
 * Returns the name of the column that says whether a webhook subscribes to an event type: `file_received` for
 * `file.received`.
 */
const columnOf = (type: EventType) => type.replace('.', '_');

/**
 * Caches, for each account, the webhooks that subscribe to each event type. The results are cached because
 * events are far more frequent than changes of webhooks.
 * Three things invalidate the cache:
 * - triggers, when this connection changes a webhook;
 * - `beginTransaction`, when another process has changed the database;
 * - `clear`, when changes were undone.
 */
export class Subscriptions {
  readonly #connection: DatabaseSync;
  readonly #credentials: SealedCredentials;
  readonly #cache = new Map<string, SubscribersByType>();
  /** Number of characters that were added to the cache since it was last cleared. */
  #characters = 0;
  #lookedUp = 0;
  readonly #select;
  readonly #dataVersion;
  #version: unknown;

  /** @param connection a connection to a database whose schema is up to date */
  constructor(connection: DatabaseSync, credentials: SealedCredentials) {
    this.#connection = connection;
    this.#credentials = credentials;
    this.#watch();
    this.#select = connection.prepare(WEBHOOKS);
    // The value of this pragma changes when another connection has committed:
    // https://www.sqlite.org/pragma.html#pragma_data_version
    this.#dataVersion = connection.prepare('pragma data_version');
  }

  /** Number of webhooks that were read from the database so far. */
  get lookedUp(): number {
    return this.#lookedUp;
  }

  of(userId: string, type: EventType): readonly Subscriber[] {
    return (this.#cache.get(userId) ?? this.#read(userId))[type];
  }

  /**
   * Returns where the deliveries of a subscriber are sent. Decrypts the credentials with the first call, because an event of an
   * account with thousands of webhooks needs few of them at once.
   */
  targetOf(subscriber: Subscriber): WebhookTarget {
    const { target } = subscriber;
    if (!('pausedAt' in target)) return target;
    const opened = toTarget(target, this.#credentials);
    subscriber.target = opened;
    return opened;
  }

  /**
   * Clears the cache if another connection has changed the database. Must be called when a transaction has
   * begun. Returns whether another connection has changed the database.
   */
  beginTransaction(): boolean {
    const version = this.#dataVersion.get()?.data_version;
    const isChanged = version !== this.#version;
    if (isChanged) this.clear();
    this.#version = version;
    return isChanged;
  }

  /**
   * Clears the cache. Must be called when a transaction was undone, because the cache might contain changes
   * of that transaction.
   */
  clear(): void {
    this.#cache.clear();
    this.#characters = 0;
  }

  #read(userId: string): SubscribersByType {
    const rows = this.#select.all(userId);
    this.#lookedUp += rows.length;
    let characters = ACCOUNT_CHARACTERS;
    const subscribers = rows.map((row): Subscriber => {
      const target = row as unknown as WebhookRow;
      characters += target.url.length + target.credentials.length;
      return { seq: target.seq, isPaused: target.pausedAt !== null, target };
    });
    const byType = {} as Record<EventType, readonly Subscriber[]>;
    for (const type of EVENT_TYPES) {
      byType[type] = subscribers.filter((_, n) => rows[n]?.[columnOf(type)] === 1);
    }
    if (this.#characters + characters > CACHED_CHARACTERS) this.clear();
    this.#characters += characters;
    this.#cache.set(userId, byType);
    return byType;
  }

  #watch(): void {
    this.#connection.function('forget_subscriptions', (userId) => {
      this.#cache.delete(String(userId));
      return null;
    });
    // Columns whose changes must clear an account's entry: the columns that the query `WEBHOOKS` reads.
    // Columns that change with every attempt are not among these columns.
    const columns = [...TARGET_COLUMNS, 'paused_at', 'deleted_at', ...EVENT_TYPES.map(columnOf)].join(', ');
    for (const [name, event] of [
      ['inserted', 'insert'],
      ['updated', `update of ${columns}`],
    ]) {
      this.#connection.exec(`
        create temp trigger webhooks_${name} after ${event} on main.webhooks
        begin select forget_subscriptions(new.user_id); end`);
    }
  }
}
