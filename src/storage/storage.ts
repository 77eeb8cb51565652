import type { Account, ApiKey, ApiKeyType } from '../domain/account.ts';
import type { Attempt, Delivery, DeliveryState, ReadyDelivery, Settlement } from '../domain/delivery.ts';
import type { EventType, NewEvent } from '../domain/event.ts';
import type {
  Media,
  MediaChanges,
  MediaStatus,
  MediaStep,
  MediaType,
  MetadataEntry,
} from '../domain/media.ts';
import type { Webhook, WebhookChanges } from '../domain/webhook.ts';

/**
 * The storage contracts. A backend implements all of them, and passes test/conformance.
 *
 * Obligations of every method:
 * - it is one transaction: all of it is durable (an fsynced commit) when its promise fulfils, none when it rejects;
 * - it rejects with `ApiError('storage_full')` when the disk is full, and the same call may be made again;
 * - methods on the hot path (`events.commit`, all of `Queue`) take arrays and cost one transaction a call;
 * - a method given a `userId` sees that account's rows only.
 * Times are milliseconds since the epoch and are always arguments: a backend never reads the clock.
 */
export interface Storage {
  readonly accounts: AccountStore;
  readonly apiKeys: ApiKeyStore;
  readonly webhooks: WebhookStore;
  readonly media: MediaStore;
  readonly events: EventStore;
  readonly deliveries: DeliveryStore;
  readonly queue: Queue;
  close(): Promise<void>;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** How many there are without `offset` and `limit`. */
  readonly total: number;
}

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
  readonly orderBy: 'asc' | 'desc';
}

export interface AccountStore {
  /** With its first API key. Rejects with `ApiError('conflict')` when the email address is taken. */
  create(account: Account, firstKey: ApiKey): Promise<void>;
  find(id: string): Promise<Account | null>;
  /** Of `ids`, those that are accounts. */
  existing(ids: readonly string[]): Promise<string[]>;
  /** Whether there is any account. */
  any(): Promise<boolean>;
}

export interface ApiKeyListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'name';
  readonly type: ApiKeyType | null;
}

export interface ApiKeyStore {
  create(key: ApiKey): Promise<void>;
  list(userId: string, request: ApiKeyListRequest): Promise<Page<ApiKey>>;
  findByPublicKey(publicKey: string): Promise<ApiKey | null>;
  /** False when the account has no such key. */
  rename(userId: string, id: string, name: string, now: number): Promise<boolean>;
  /** The removed key, or null when the account has no such key. */
  delete(userId: string, id: string): Promise<ApiKey | null>;
  /** Notes when keys were last used. */
  touch(uses: readonly { id: string; at: number }[]): Promise<void>;
}

export interface WebhookListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'name' | 'url';
  /** Only those that want (true) or do not want (false) an event. */
  readonly events: Partial<Record<EventType, boolean>>;
}

export interface WebhookStore {
  create(webhook: Webhook): Promise<void>;
  list(userId: string, request: WebhookListRequest): Promise<Page<Webhook>>;
  find(userId: string, id: string): Promise<Webhook | null>;
  /** The changed webhook, or null when the account has no such webhook. */
  update(userId: string, id: string, changes: WebhookChanges, now: number): Promise<Webhook | null>;
  /** Removes the webhook and cancels its pending deliveries. False when the account has no such webhook. */
  delete(userId: string, id: string, now: number): Promise<boolean>;
}

export interface MediaListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'title';
  readonly statuses: readonly MediaStatus[];
  /** Media that bear all of these. */
  readonly tags: readonly string[];
  readonly metadata: readonly MetadataEntry[];
  readonly type: MediaType | null;
}

export type MediaFacts = Pick<Media, 'duration' | 'type' | 'hasTakenThumbnail'>;

export interface MediaStore {
  create(media: Media): Promise<void>;
  /** Null for one that was deleted, too. */
  find(userId: string, id: string): Promise<Media | null>;
  /** The same, whoever owns it: for the encoder and for serving files. */
  findAny(id: string): Promise<Media | null>;
  list(userId: string, request: MediaListRequest): Promise<Page<Media>>;
  /** False when the account has no such media. */
  update(userId: string, id: string, changes: MediaChanges, now: number): Promise<boolean>;
  /** Marks the media as deleted, from any state. False when the account has no such media. */
  delete(userId: string, id: string, now: number): Promise<boolean>;
  /** What was received and has no end yet, oldest first: the work of a process that died. */
  unfinished(): Promise<Media[]>;
  /** Of `ids`, those that are media, deleted ones too. What the answer leaves out is not known here. */
  statuses(ids: readonly string[]): Promise<readonly { id: string; status: MediaStatus }[]>;
  /** Notes what a look at the file told. */
  describe(id: string, facts: MediaFacts, now: number): Promise<void>;
  setThumbnail(userId: string, id: string, hasThumbnail: boolean, now: number): Promise<boolean>;
  /** Moves one quality to `transcoding` or `fail`; its way to `done` has an event: see `EventStore.commit`. */
  moveQuality(id: string, position: number, status: 'transcoding' | 'fail', now: number): Promise<void>;
}

/** An event and the state change that it tells of, to be committed as one; published events change nothing. */
export interface Publication {
  readonly event: NewEvent;
  readonly step: MediaStep | null;
}

/**
 * `committed`: the event and every delivery it owes are durable.
 * `repeated`: the account already has an event with this idempotency key; nothing was done, no step was taken.
 * `refused`: the media is not in the state that the step starts from; nothing was done.
 */
export type PublicationOutcome = 'committed' | 'repeated' | 'refused';

export interface Committed {
  /** In the order of the publications. */
  readonly outcomes: readonly PublicationOutcome[];
  /** Deliveries that may be sent at once. They are claimed for the caller, who must settle or release each. */
  readonly ready: readonly ReadyDelivery[];
}

export interface EventStore {
  /**
   * Commits events with their state changes, and a delivery for each webhook that wants one, in one transaction.
   * A publication that is repeated or refused leaves the others untouched.
   * A delivery is ready when nothing before it is pending in its lane; else it waits for `Queue.settle`.
   */
  commit(publications: readonly Publication[], now: number): Promise<Committed>;
}

export interface DeliveryListRequest {
  readonly limit: number;
  /** Only deliveries older than this one (its `seq`); null starts at the newest. */
  readonly before: number | null;
  readonly state: DeliveryState | null;
  readonly event: EventType | null;
}

export interface DeliveryDetail {
  readonly delivery: Delivery;
  /** The body that is sent, whole. */
  readonly body: string;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

export interface DeliveryStore {
  /** Newest first. `next` is the `before` of the following page, or null at the end. */
  list(
    userId: string,
    webhookId: string,
    request: DeliveryListRequest,
  ): Promise<{ items: readonly Delivery[]; next: number | null }>;
  find(userId: string, id: string): Promise<DeliveryDetail | null>;
  /**
   * Makes a delivery pending again with a whole new schedule, due now, or as soon as its lane allows.
   * One that is pending already and waits for its next try is due now.
   * `gone` when its webhook was deleted; null when the account has no such delivery.
   */
  resend(userId: string, id: string, now: number): Promise<'queued' | 'gone' | null>;
}

/** What is due, to whom, when. Deliveries are enqueued by `EventStore.commit`, in the event's own transaction. */
export interface Queue {
  /**
   * Claims deliveries that are due, oldest first within a webhook, for the caller alone, until it settles or
   * releases them. Every webhook gets a share: at most `perWebhook` each, less what `held` says is in memory
   * already, going round the webhooks from where `after` says. `after` of the answer continues the round,
   * and is null when the round is complete.
   */
  claim(request: ClaimRequest): Promise<{ ready: ReadyDelivery[]; after: number | null }>;
  /**
   * Records attempts and what they mean for their deliveries. For each lane whose ready delivery ended, the
   * oldest waiting one becomes ready and is returned, claimed for the caller.
   * A delivery that was cancelled meanwhile keeps that state; its attempt is recorded all the same.
   * The same call may be made again, should its answer be lost: it counts once, and answers the same.
   */
  settle(settlements: readonly Settlement[], now: number): Promise<ReadyDelivery[]>;
  /** Gives claimed deliveries back, due as before. */
  release(seqs: readonly number[]): Promise<void>;
  /** Gives back whatever a process that died had claimed. Only for the one process that sends, before it starts. */
  recover(): Promise<void>;
  /** When the first unclaimed delivery that falls due later than `after` is due; null when there is none. */
  nextDueAt(after: number): Promise<number | null>;
}

export interface ClaimRequest {
  readonly now: number;
  readonly limit: number;
  readonly perWebhook: number;
  /** Webhooks of which the caller holds deliveries already, and how many. */
  readonly held: readonly { readonly webhookId: string; readonly count: number }[];
  /** Of the answer before; null begins a round. */
  readonly after: number | null;
}
