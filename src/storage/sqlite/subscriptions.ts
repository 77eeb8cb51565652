import type { DatabaseSync } from 'node:sqlite';
import type { WebhookTarget } from '../../domain/delivery.ts';
import { EVENT_TYPES, type EventType } from '../../domain/event.ts';
import type { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { type TargetRow, toTarget } from './webhook-target.ts';

/** A webhook that wants an event. */
export interface Subscriber {
  /** The webhook's number in the database. */
  readonly seq: number;
  readonly webhook: WebhookTarget;
  readonly isPaused: boolean;
}

interface WebhookRow extends TargetRow {
  readonly seq: number;
  readonly pausedAt: number | null;
}

type SubscribersByType = Readonly<Record<EventType, readonly Subscriber[]>>;

/**
 * Characters that what is remembered has together: those of some 4,000 accounts with a webhook without headers. Where
 * there are many more, hardly any comes again in time, and more that grows old costs more than to read it anew.
 */
const REMEMBERED_CHARACTERS = 2 * 1024 * 1024;
/** What an account takes besides, in characters. */
const ACCOUNT_CHARACTERS = 200;

const WEBHOOKS = `
  select seq, id, url, credentials, retry_schedule as retrySchedule, max_in_flight as maxInFlight,
    paused_at as pausedAt, file_received, encoding_started, partial_finished, encoding_finished, encoding_failed
  from webhooks where user_id = ? and deleted_at is null order by created_at, seq`;

const TARGET_COLUMNS = ['url', 'credentials', 'retry_schedule', 'max_in_flight'];

/** `file.received` has the column `file_received`, and so have the others. */
const columnOf = (type: EventType) => type.replace('.', '_');

/**
 * Which webhooks want the events of which account. Events come far oftener than webhooks change, so the answers are
 * remembered, and forgotten by triggers of this connection when a webhook changes, whoever changes it; by
 * `beginTransaction` when another process changed the database; and by `forgetAll` when changes were undone.
 */
export class Subscriptions {
  readonly #connection: DatabaseSync;
  readonly #credentials: SealedCredentials;
  readonly #remembered = new Map<string, SubscribersByType>();
  /** Of what was remembered since all was forgotten. */
  #characters = 0;
  readonly #select;
  readonly #dataVersion;
  #version: unknown;

  /** @param connection on which the schema is up to date */
  constructor(connection: DatabaseSync, credentials: SealedCredentials) {
    this.#connection = connection;
    this.#credentials = credentials;
    this.#watch();
    this.#select = connection.prepare(WEBHOOKS);
    // Changes when another connection has committed: https://www.sqlite.org/pragma.html#pragma_data_version
    this.#dataVersion = connection.prepare('pragma data_version');
  }

  of(userId: string, type: EventType): readonly Subscriber[] {
    return (this.#remembered.get(userId) ?? this.#read(userId))[type];
  }

  /** To be called when a transaction has begun. */
  beginTransaction(): void {
    const version = this.#dataVersion.get()?.data_version;
    if (version !== this.#version) this.forgetAll();
    this.#version = version;
  }

  /** To be called when a transaction was undone: what it read may never have been. */
  forgetAll(): void {
    this.#remembered.clear();
    this.#characters = 0;
  }

  #read(userId: string): SubscribersByType {
    const rows = this.#select.all(userId);
    let characters = ACCOUNT_CHARACTERS;
    const subscribers = rows.map((row): Subscriber => {
      const { seq, pausedAt, ...target } = row as unknown as WebhookRow;
      characters += target.url.length + target.credentials.length;
      return { seq, webhook: toTarget(target, this.#credentials), isPaused: pausedAt !== null };
    });
    const byType = {} as Record<EventType, readonly Subscriber[]>;
    for (const type of EVENT_TYPES) {
      byType[type] = subscribers.filter((_, n) => rows[n]?.[columnOf(type)] === 1);
    }
    if (this.#characters + characters > REMEMBERED_CHARACTERS) this.forgetAll();
    this.#characters += characters;
    this.#remembered.set(userId, byType);
    return byType;
  }

  #watch(): void {
    this.#connection.function('forget_subscriptions', (userId) => {
      this.#remembered.delete(String(userId));
      return null;
    });
    // Of all that is read above, but not of `last_triggered_at` and its like, which change with attempts.
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
