import { randomUUIDv7 } from 'node:crypto';
import { type ErrorDetail, ServiceError } from '../domain/errors.ts';
import { type EventMediaType, type EventType, eventBody, STATUS_OF_EVENT } from '../domain/event.ts';
import type { AccountStore } from '../storage/contracts/accounts.ts';
import type { Publication } from '../storage/contracts/events.ts';
import type { Publisher } from './publisher.ts';

/** An event as a platform with an encoder of its own publishes it: the fields, and their names, are the contract's. */
export interface PublishedEvent {
  readonly type: EventType;
  /** The sender's own id of the event, unique within the account. */
  readonly event_id: string;
  /** RFC 3339. Left out: now. */
  readonly emitted_at?: string;
  readonly media_id: string;
  readonly media_type?: EventMediaType;
  /** Names of qualities, joined by commas. */
  readonly qualities?: string;
  readonly title?: string;
  /** May be left out, because it follows from the type. */
  readonly status?: string;
  readonly user_id: string;
}

export interface EventIntakeOptions {
  readonly accounts: Pick<AccountStore, 'existing'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Maximum number of account ids in the cache. An id that was found once need not be looked up again, because accounts
 * are never removed.
 */
const CACHED_ACCOUNTS = 100_000;

/** Use case of published events: it checks them, and commits them with the deliveries that they owe. */
export class EventIntake {
  readonly #options: EventIntakeOptions;
  readonly #knownAccounts = new Set<string>();

  constructor(options: EventIntakeOptions) {
    this.#options = options;
  }

  /**
   * Accepts all events, or none. Fulfils when they are durable. An event that its account has published before is
   * accepted, and not delivered again.
   * @param fieldOf names a field of the event at `index` for an error
   * @throws ServiceError `invalid_request` with all faults; `overloaded`; `storage_full`
   */
  async accept(
    events: readonly PublishedEvent[],
    fieldOf: (index: number, name: string) => string = (index, name) => `[${index}].${name}`,
  ): Promise<void> {
    const { publisher, now } = this.#options;
    const qualities = events.map((event) => qualityNamesIn(event.qualities));
    await this.#learnAccounts(events);
    const faults: ErrorDetail[] = [];
    const report: Report = (index, field, message) =>
      void faults.push({ field: fieldOf(index, field), message });
    for (const [index, event] of events.entries()) {
      if (!this.#knownAccounts.has(accountIdOf(event)))
        report(index, 'user_id', `there is no account ${event.user_id}`);
      reportFaults(event, qualities[index] ?? [], index, report);
    }
    if (faults.length > 0) throw invalidEvents(faults);
    const at = now();
    await publisher.publish(events.map((event, index) => publicationOf(event, qualities[index] ?? [], at)));
  }

  /** Looks up the accounts that are not in the cache, and caches those that exist. */
  async #learnAccounts(events: readonly PublishedEvent[]): Promise<void> {
    const unknown = new Set(events.map(accountIdOf).filter((id) => !this.#knownAccounts.has(id)));
    if (unknown.size === 0) return;
    if (this.#knownAccounts.size > CACHED_ACCOUNTS) this.#knownAccounts.clear();
    for (const id of await this.#options.accounts.existing([...unknown])) this.#knownAccounts.add(id);
  }
}

type Report = (index: number, field: string, message: string) => void;

/** Reports the faults that the event at `index` has by itself. */
function reportFaults(
  event: PublishedEvent,
  qualities: readonly string[],
  index: number,
  report: Report,
): void {
  // RFC 3339 has leap seconds, but a `Date` has none.
  if (event.emitted_at !== undefined && Number.isNaN(Date.parse(event.emitted_at)))
    report(index, 'emitted_at', 'expected a time without a leap second');
  if (qualities.includes('')) report(index, 'qualities', 'expected names, joined by commas, none empty');
  const status = STATUS_OF_EVENT[event.type];
  if (event.status !== undefined && event.status !== status)
    report(index, 'status', `expected ${status} with ${event.type}`);
}

function invalidEvents(faults: readonly ErrorDetail[]): ServiceError {
  const text = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new ServiceError('invalid_request', text, { details: faults });
}

/** Returns the names in a `qualities` field, without the blanks around them. An empty name is a mistake of the sender. */
function qualityNamesIn(qualities = ''): string[] {
  return qualities.trim() === '' ? [] : qualities.split(',').map((name) => name.trim());
}

/** Returns the id in lower case, as it is stored, because the case of a UUID has no meaning. */
function accountIdOf({ user_id: id }: PublishedEvent): string {
  return id.toLowerCase();
}

function publicationOf(input: PublishedEvent, qualities: readonly string[], now: number): Publication {
  const emittedAt = input.emitted_at === undefined ? now : Date.parse(input.emitted_at);
  const { media_id: mediaId, type, event_id: idempotencyKey } = input;
  const userId = accountIdOf(input);
  const body = eventBody({
    type,
    emittedAt,
    mediaId,
    mediaType: input.media_type ?? 'video',
    qualities,
    title: input.title ?? '',
    userId,
  });
  return {
    event: { id: randomUUIDv7(), userId, mediaId, type, emittedAt, body, idempotencyKey },
    step: null,
  };
}
