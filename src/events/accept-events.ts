import { randomUUIDv7 } from 'node:crypto';
import { type ErrorDetail, ServiceError } from '../domain/errors.ts';
import { type EventMediaType, type EventType, eventBody, STATUS_OF_EVENT } from '../domain/event.ts';
import type { AccountStore } from '../storage/contracts/accounts.ts';
import type { Publication } from '../storage/contracts/events.ts';
import type { Publisher } from './publisher.ts';

/**
 * Event that a publisher with its own encoder sends to the service. The fields and their names are prescribed
 * by the API.
 */
export interface PublishedEvent {
  readonly type: EventType;
  /** Id that the publisher has given to the event, unique within the account. */
  readonly event_id: string;
  /** Time of the event in RFC 3339 format. Default: the present time. */
  readonly emitted_at?: string;
  readonly media_id: string;
  readonly media_type?: EventMediaType;
  /** Names of qualities, joined by commas. */
  readonly qualities?: string;
  readonly title?: string;
  /** Status of the media. Optional, because the status follows from the type. */
  readonly status?: string;
  readonly user_id: string;
}

export interface EventIntakeOptions {
  readonly accounts: Pick<AccountStore, 'existing'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Maximum number of account ids in the cache. An id that was found once need not be looked up again, because
 * accounts are never removed.
 */
const CACHED_ACCOUNTS = 100_000;

/** Use case of publishing events: checks the events, and commits them together with their deliveries. */
export class EventIntake {
  readonly #options: EventIntakeOptions;
  readonly #knownAccounts = new Set<string>();

  constructor(options: EventIntakeOptions) {
    this.#options = options;
  }

  /**
   * Accepts events: none of them if one is wrong. Fulfils when all are durable. An event that its account has published
   * before is accepted, but not delivered again. When the storage fails, the first ones may be accepted: see `Publisher`.
   * @param fieldOf returns the name, for error messages, of a field of the event at `index`
   * @throws ServiceError `invalid_request` with all faults; `overloaded`; `storage_full`
   */
  async accept(
    events: readonly PublishedEvent[],
    fieldOf: (index: number, name: string) => string = (index, name) => `[${index}].${name}`,
  ): Promise<void> {
    const { publisher, now } = this.#options;
    const missing = this.#knowsAll(events) ? NONE : await this.#missingAccounts(events);
    const faults = faultsOf(events, missing, fieldOf);
    if (faults.length > 0) throw invalidEvents(faults);
    const at = now();
    await publisher.publish(events.map((event) => publicationOf(event, at)));
  }

  #knowsAll(events: readonly PublishedEvent[]): boolean {
    for (const event of events) if (!this.#knownAccounts.has(accountIdOf(event))) return false;
    return true;
  }

  /** Returns the ids of accounts that do not exist. Caches the ids of those that do. */
  async #missingAccounts(events: readonly PublishedEvent[]): Promise<ReadonlySet<string>> {
    const missing = new Set(events.map(accountIdOf).filter((id) => !this.#knownAccounts.has(id)));
    if (this.#knownAccounts.size > CACHED_ACCOUNTS) this.#knownAccounts.clear();
    for (const id of await this.#options.accounts.existing([...missing])) {
      this.#knownAccounts.add(id);
      missing.delete(id);
    }
    return missing;
  }
}

const NONE: ReadonlySet<string> = new Set();

function faultsOf(
  events: readonly PublishedEvent[],
  missingAccounts: ReadonlySet<string>,
  fieldOf: (index: number, name: string) => string,
): ErrorDetail[] {
  const faults: ErrorDetail[] = [];
  let index = 0;
  const report: Report = (field, message) => void faults.push({ field: fieldOf(index, field), message });
  for (; index < events.length; index += 1) {
    const event = events[index] as PublishedEvent;
    if (missingAccounts.size > 0 && missingAccounts.has(accountIdOf(event)))
      report('user_id', `there is no account ${event.user_id}`);
    reportFaults(event, report);
  }
  return faults;
}

type Report = (field: string, message: string) => void;

/** Reports the faults of an event that can be found without looking up its account. */
function reportFaults(event: PublishedEvent, report: Report): void {
  // Refuses a leap second, which RFC 3339 allows but a `Date` cannot represent.
  if (event.emitted_at !== undefined && Number.isNaN(Date.parse(event.emitted_at)))
    report('emitted_at', 'expected a time without a leap second');
  if (hasEmptyName(event.qualities)) report('qualities', 'expected names, joined by commas, none empty');
  const status = STATUS_OF_EVENT[event.type];
  if (event.status !== undefined && event.status !== status)
    report('status', `expected ${status} with ${event.type}`);
}

function invalidEvents(faults: readonly ErrorDetail[]): ServiceError {
  const text = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new ServiceError('invalid_request', text, { details: faults });
}

/** Matches names that are joined by commas, without blanks and without empty names. */
const NORMAL_QUALITIES = /^[^\s,]+(?:,[^\s,]+)*$/;

/** Returns the names in a `qualities` field, joined by commas, without the blanks around each name. */
function normalQualities(qualities = ''): string {
  if (qualities === '' || NORMAL_QUALITIES.test(qualities)) return qualities;
  return qualities
    .split(',')
    .map((name) => name.trim())
    .join(',');
}

/** Returns whether a name in a `qualities` field is empty, which is a mistake of the publisher. A blank field has no name. */
function hasEmptyName(qualities = ''): boolean {
  if (qualities.trim() === '' || NORMAL_QUALITIES.test(qualities)) return false;
  return qualities.split(',').some((name) => name.trim() === '');
}

/**
 * Returns the account's id in lower case, which is the form in which ids are stored. The case of a UUID has
 * no meaning.
 */
function accountIdOf({ user_id: id }: PublishedEvent): string {
  return id.toLowerCase();
}

function publicationOf(input: PublishedEvent, now: number): Publication {
  const emittedAt = input.emitted_at === undefined ? now : Date.parse(input.emitted_at);
  const { media_id: mediaId, type, event_id: idempotencyKey } = input;
  const userId = accountIdOf(input);
  const body = eventBody({
    type,
    emittedAt,
    mediaId,
    mediaType: input.media_type ?? 'video',
    qualities: normalQualities(input.qualities),
    title: input.title ?? '',
    userId,
  });
  return {
    event: { id: randomUUIDv7(), userId, mediaId, type, emittedAt, body, idempotencyKey },
    step: null,
  };
}
