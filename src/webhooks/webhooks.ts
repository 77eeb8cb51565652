import { randomUUIDv7 } from 'node:crypto';
import type { Sender } from '../delivery/attempt/sender.ts';
import { newPrivateKey, newSigningSecret } from '../delivery/attempt/signature.ts';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import type { EgressPolicy } from '../delivery/egress/policy.ts';
import type { CircuitView } from '../delivery/scheduling/circuit.ts';
import type { Actor } from '../domain/audit.ts';
import { notFound, ServiceError } from '../domain/errors.ts';
import { EVENT_TYPES, type EventType } from '../domain/event.ts';
import {
  EVENT_FIELD,
  type RetrySchedule,
  type SignatureScheme,
  type Webhook,
  type WebhookChanges,
} from '../domain/webhook.ts';
import type { WebhookCheck } from '../domain/webhook-check.ts';
import type { SteadyClock } from '../platform/steady-clock.ts';
import type { Page } from '../storage/contracts/page.ts';
import type { WebhookListRequest, WebhookStore } from '../storage/contracts/webhooks.ts';
import type { Cancellations } from './cancellations.ts';
import type { CheckLimits } from './check-limits.ts';
import { checkUrl } from './check-url.ts';
import { checkHeaders } from './headers.ts';
import { checkFailure, sendSampleEvent } from './sample-event.ts';

export interface WebhooksOptions {
  readonly store: WebhookStore;
  /** Dispatcher, which is notified after each change that affects deliveries in memory. */
  readonly dispatcher: Pick<
    Dispatcher,
    'reloadWebhook' | 'pauseWebhook' | 'resumeWebhook' | 'removeWebhook' | 'circuits'
  >;
  /** Cancels the deliveries that the deletion of a webhook leaves pending. */
  readonly cancellations: Pick<Cancellations, 'webhookDeleted'>;
  readonly egress: Pick<EgressPolicy, 'urlRefusal'>;
  readonly sender: Pick<Sender, 'post'>;
  readonly limits: CheckLimits;
  /** Maximum number of webhooks of one account. `null`: no limit. */
  readonly mostPerAccount: number | null;
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  /** Clock by which webhooks fail and circuits are open. */
  readonly clock: Pick<SteadyClock, 'toWall'>;
}

/** Optional settings of a webhook. */
export interface WebhookSettings {
  readonly name?: string | undefined;
  /**
   * Types of events to turn on (`true`) or off (`false`). An update does not change the other types; in a new
   * webhook, the other types are off.
   */
  readonly events?: Readonly<Partial<Record<EventType, boolean>>>;
  readonly retrySchedule?: RetrySchedule | undefined;
  /** Maximum number of requests in flight. `null`: the service's own limit. */
  readonly maxInFlight?: number | null | undefined;
  readonly signature?: SignatureScheme | undefined;
  /**
   * Headers that replace all stored headers of the webhook. The value `MASK` keeps the stored value of a
   * header.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const DEFAULT_NAME = 'Webhook';

/**
 * Fields whose changes also apply to deliveries that are already in memory. When such a field changes, the
 * dispatcher claims these deliveries again.
 */
const RELOADED_FIELDS: readonly (keyof WebhookChanges)[] = [
  'url',
  'retrySchedule',
  'maxInFlight',
  'signature',
  'headers',
];

/**
 * Use cases of webhooks. Each change is stored first; then the dispatcher is notified. When the storage
 * refuses a change, the dispatcher is not notified. Every method throws `not_found` for a webhook that the
 * account does not have.
 */
export class Webhooks {
  readonly #options: WebhooksOptions;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  async find(userId: string, id: string): Promise<Webhook> {
    return this.#byWallClock(await this.#options.store.find(userId, id));
  }

  async list(userId: string, request: WebhookListRequest): Promise<Page<Webhook>> {
    const { items, ...page } = await this.#options.store.list(userId, request);
    return { ...page, items: items.map((webhook) => this.#byWallClock(webhook)) };
  }

  /** Returns the state of the webhook's circuit. The circuit of a webhook that never failed is closed. */
  circuitOf(id: string): CircuitView {
    const { dispatcher, clock } = this.#options;
    const { state, since, probeAt } = dispatcher.circuits.of(id);
    return { state, since: clock.toWall(since), probeAt: clock.toWall(probeAt) };
  }

  /**
   * Checks whether a webhook could have a URL, as `create` does, and returns the URL as it would be stored.
   * @throws ServiceError `invalid_request`, `url_not_allowed`, `rate_limited` or `overloaded`
   */
  async checkUrl(userId: string, url: string): Promise<string> {
    const { egress, limits } = this.#options;
    return limits.lookUp(userId, () => checkUrl(url, egress));
  }

  /**
   * Creates a webhook of an account.
   * @throws ServiceError `invalid_request`, `url_not_allowed` or `limit_reached`
   */
  async create(
    userId: string,
    wanted: WebhookSettings & { readonly url: string },
    by: Actor,
  ): Promise<Webhook> {
    const { store, egress, limits, mostPerAccount, now } = this.#options;
    const { name = '', events = {}, signature = 'hmac', headers = {} } = wanted;
    const url = await limits.lookUp(userId, () => checkUrl(wanted.url, egress));
    const at = now();
    const webhook: Webhook = {
      id: randomUUIDv7(),
      userId,
      name: name.trim() === '' ? DEFAULT_NAME : name,
      url,
      events: mergeEvents(events, []),
      secret: newSigningSecret(),
      signature,
      privateKey: signature === 'hmac' ? null : newPrivateKey(),
      previousKeys: null,
      headers: checkHeaders(headers),
      createdAt: at,
      updatedAt: at,
      lastTriggeredAt: null,
      pausedAt: null,
      pauseReason: null,
      failingSince: null,
      lastError: null,
      retrySchedule: wanted.retrySchedule ?? 'default',
      maxInFlight: wanted.maxInFlight ?? null,
    };
    await store.create(webhook, mostPerAccount, by);
    return webhook;
  }

  /**
   * Changes the settings of a webhook.
   * @throws ServiceError `invalid_request` or `url_not_allowed`
   */
  async update(
    userId: string,
    id: string,
    wanted: WebhookSettings & { readonly url?: string | undefined },
    by: Actor,
  ): Promise<Webhook> {
    const { store, egress, limits, dispatcher, now } = this.#options;
    // Checks the URL before the webhook is read, because resolving the URL's name can take seconds in which
    // the webhook might change.
    const { url: wantedUrl } = wanted;
    const url =
      wantedUrl === undefined ? undefined : await limits.lookUp(userId, () => checkUrl(wantedUrl, egress));
    const changes = changesOf({ ...wanted, url }, await this.find(userId, id));
    const webhook = this.#byWallClock(await store.update(userId, id, changes, { at: now(), by }));
    if (RELOADED_FIELDS.some((field) => field in changes)) dispatcher.reloadWebhook(id);
    return webhook;
  }

  /**
   * Gives the webhook new signing keys. For `overlapMs` milliseconds, requests are signed with the old keys
   * as well, so that receivers can change to the new ones. 0: the old keys end at once.
   */
  async rotateKeys(userId: string, id: string, overlapMs: number, by: Actor): Promise<Webhook> {
    const { store, dispatcher, now } = this.#options;
    const at = now();
    const previousUntil = overlapMs === 0 ? null : at + overlapMs;
    const keys = { secret: newSigningSecret(), privateKey: newPrivateKey(), previousUntil };
    const webhook = this.#byWallClock(await store.rotateKeys(userId, id, keys, { at, by }));
    dispatcher.reloadWebhook(id);
    return webhook;
  }

  /**
   * Pauses the webhook. Nothing is sent, and deliveries wait in the queue. A webhook that is already paused
   * does not change.
   */
  async pause(userId: string, id: string, by: Actor): Promise<Webhook> {
    const { store, dispatcher, now } = this.#options;
    const webhook = this.#byWallClock(await store.pause(userId, id, { at: now(), by }));
    dispatcher.pauseWebhook(id);
    return webhook;
  }

  /**
   * Ends the pause of a webhook, whatever the reason of the pause, and sends the deliveries that have waited.
   * A webhook that is not paused does not change.
   */
  async resume(userId: string, id: string, by: Actor): Promise<Webhook> {
    const { store, dispatcher, now } = this.#options;
    const webhook = this.#byWallClock(await store.resume(userId, id, { at: now(), by }));
    dispatcher.resumeWebhook(id);
    return webhook;
  }

  /** Removes the webhook permanently. Its pending deliveries are cancelled in the background if they are many. */
  async remove(userId: string, id: string, by: Actor): Promise<void> {
    const { store, dispatcher, cancellations, now } = this.#options;
    found(await store.delete(userId, id, { at: now(), by }));
    dispatcher.removeWebhook(id);
    cancellations.webhookDeleted();
  }

  /**
   * Sends a sample event now, stores the check, and returns it.
   * @param type type of the event. Default: the first type that the webhook wants
   * @throws ServiceError `receiver_failed`; `rate_limited` or `overloaded` if too many checks run at once
   */
  async check(userId: string, id: string, type?: EventType): Promise<WebhookCheck> {
    const { store, sender, limits, now } = this.#options;
    const webhook = await this.find(userId, id);
    const send = () => sendSampleEvent(webhook, { sender, type, at: now() });
    const check = await limits.check(userId, webhook.url, send);
    await store.addCheck(userId, id, check);
    if (check.error !== null) throw checkFailure(check);
    return check;
  }

  /** Lists the newest checks of a webhook, newest first. */
  async checks(userId: string, id: string): Promise<readonly WebhookCheck[]> {
    return found(await this.#options.store.checks(userId, id));
  }

  /** Returns a webhook that was found, with the time since when it fails by the wall clock. */
  #byWallClock(result: Webhook | null): Webhook {
    const webhook = found(result);
    return { ...webhook, failingSince: this.#options.clock.toWall(webhook.failingSince) };
  }
}

function found<T>(result: T | null): T {
  if (result === null) throw notFound('webhook');
  return result;
}

function changesOf(
  { events = {}, headers, signature, ...others }: WebhookSettings & { readonly url: string | undefined },
  webhook: Webhook,
): WebhookChanges {
  return definedOf({
    ...others,
    signature,
    // Makes a private key if the request asks for asymmetric signatures. The storage ignores the new key if
    // the webhook already has a private key, because only a rotation replaces keys.
    privateKey: signature === undefined || signature === 'hmac' ? undefined : newPrivateKey(),
    headers: headers && checkHeaders(headers, webhook.headers),
    // Changes the event types only if the request names some, so that a concurrent change of the types is not
    // undone.
    events: Object.keys(events).length > 0 ? mergeEvents(events, webhook.events) : undefined,
  });
}

/**
 * Returns the types of events that are on after `flags` were applied to `before`. @throws ServiceError if no
 * type is on
 */
function mergeEvents(
  flags: NonNullable<WebhookSettings['events']>,
  before: readonly EventType[],
): EventType[] {
  const events = EVENT_TYPES.filter((type) => flags[type] ?? before.includes(type));
  if (events.length > 0) return events;
  const fields = Object.values(EVENT_FIELD);
  throw new ServiceError('invalid_request', `at least one event must be true: ${fields.join(', ')}`, {
    details: fields.map((field) => ({ field, message: 'at least one of the five must be true' })),
  });
}

/** Returns `changes` without the members that are undefined. */
function definedOf(
  changes: { [Field in keyof WebhookChanges]: WebhookChanges[Field] | undefined },
): WebhookChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
