import type { Account, AccountChanges, ApiKey, ApiKeyType } from '../domain/account.ts';
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
import type { Recovery } from '../domain/recovery.ts';
import type { PauseReason, Webhook, WebhookChanges } from '../domain/webhook.ts';

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
  readonly recoveries: RecoveryStore;
  readonly queue: Queue;
  readonly retention: RetentionStore;
  readonly encryption: EncryptionStore;
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

export interface AccountListRequest extends PageRequest {
  /** Part of the email address. */
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'email';
  readonly isDisabled: boolean | null;
}

export interface AccountStore {
  /** With its first API key. Rejects with `ApiError('conflict')` when the email address is taken. */
  create(account: Account, firstKey: ApiKey): Promise<void>;
  find(id: string): Promise<Account | null>;
  /** By the email address as it is stored: see `normalEmail`. */
  findByEmail(email: string): Promise<Account | null>;
  list(request: AccountListRequest): Promise<Page<Account>>;
  /** The changed account, or null where there is none. A password begins the next token generation. */
  update(id: string, changes: AccountChanges, now: number): Promise<Account | null>;
  /**
   * The same for the password alone, and only while the hash `from` is in force: of two at once, one is made.
   * Null where there is no such account, or its hash is another.
   */
  changePassword(id: string, change: PasswordChange, now: number): Promise<Account | null>;
  /** Replaces a hash by another of the same password: tokens stay good. Does nothing unless `from` is in force. */
  rehashPassword(id: string, change: PasswordChange): Promise<void>;
  /** Of `ids`, those that are accounts. */
  existing(ids: readonly string[]): Promise<string[]>;
  /** Whether there is any account. */
  any(): Promise<boolean>;
}

/** Hashes of passwords. */
export interface PasswordChange {
  readonly from: string;
  readonly to: string;
}

export interface ApiKeyListRequest extends PageRequest {
  readonly search: string | null;
  readonly sortBy: 'createdAt' | 'name';
  readonly type: ApiKeyType | null;
}

export interface ApiKeyStore {
  /** Rejects with `ApiError('limit_reached')` when the account has `most` already; null for no limit. */
  create(key: ApiKey, most?: number | null): Promise<void>;
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

export interface NewSigningKeys {
  readonly secret: string;
  readonly privateKey: string;
  readonly previousUntil: number | null;
}

/** A webhook's keys and headers are stored encrypted, so that they open in its own row alone. */
export interface WebhookStore {
  /**
   * Rejects with `ApiError('limit_reached')` when the account has `most` already; null for no limit. Counted in the
   * transaction that creates: calls at the same time can't pass it.
   */
  create(webhook: Webhook, most?: number | null): Promise<void>;
  list(userId: string, request: WebhookListRequest): Promise<Page<Webhook>>;
  find(userId: string, id: string): Promise<Webhook | null>;
  /** Whether the account has such a webhook, or had it: its deliveries outlive it. */
  known(userId: string, id: string): Promise<boolean>;
  /** The changed webhook, or null when the account has no such webhook. */
  update(userId: string, id: string, changes: WebhookChanges, now: number): Promise<Webhook | null>;
  /**
   * Takes new signing keys into use; those until now become the previous ones, until `previousUntil`, or are
   * forgotten where that is null, as are those that were previous. A private key is taken where the webhook has one.
   * @returns the webhook as it is now, or null when the account has no such webhook
   */
  rotateKeys(userId: string, id: string, keys: NewSigningKeys, now: number): Promise<Webhook | null>;
  /**
   * Pauses the webhook: from then on none of its deliveries is claimed, promoted or ready to be sent at once, and
   * new ones are made all the same. One that is paused keeps its reason. Costs one row, whatever is queued.
   * @returns the webhook as it is now, or null when the account has no such webhook
   */
  pause(userId: string, id: string, now: number): Promise<Webhook | null>;
  /** Undoes a pause, whatever its reason; the webhook is not failing any more. Costs and answers as `pause` does. */
  resume(userId: string, id: string, now: number): Promise<Webhook | null>;
  /**
   * Removes the webhook, and cancels its pending deliveries (it tells how many) and its recoveries. Null when the
   * account has no such webhook.
   */
  delete(userId: string, id: string, now: number): Promise<{ readonly cancelled: number } | null>;
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

export type KeptBytes = { readonly atLeast: number } | { readonly more: number };

export type MediaFacts = Pick<Media, 'duration' | 'type' | 'hasTakenThumbnail'>;

export interface MediaStore {
  /** As for webhooks, with `mostOpen` media of the account whose upload is not complete. */
  create(media: Media, mostOpen?: number | null): Promise<void>;
  /**
   * Counts bytes against what the account may keep, for a media whose upload is not complete: it then keeps `atLeast`
   * so many, or so many `more`; 0 more asks whether there is room for a byte. Once it is received it keeps its size, and nothing when it is deleted.
   * Rejects with `ApiError('limit_reached')`, and counts nothing, where all media of the account together would keep
   * more than `most`: calls at the same time can't pass it. Its cost grows with the account's media.
   */
  keepBytes(id: string, bytes: KeptBytes, most: number): Promise<void>;
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
   * That of a paused webhook is due, and not given to the caller.
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

/** One step of a recovery. */
export interface RecoveryStep {
  readonly id: string;
  /** Deliveries that it may queue. */
  readonly limit: number;
  /** Deliveries of the webhook that the caller holds in memory already. */
  readonly held: number;
  /** Requests under way at once to a webhook that names no number of its own. */
  readonly maxInFlight: number;
}

export interface RecoveryProgress {
  readonly id: string;
  /** Deliveries queued by this step. */
  readonly queued: number;
  /** Whether there may be more. */
  readonly isRunning: boolean;
}

/** What failed of a webhook between two times, to be sent again. Where each stands is durable. */
export interface RecoveryStore {
  /**
   * Creates a recovery, unless one runs that began with the same `since` and reaches as far: then it is answered.
   * `too many` when ten of the webhook are running; null when the account has no such webhook.
   */
  create(recovery: Recovery): Promise<Recovery | 'too many' | null>;
  /** The newest hundred of one webhook, newest first. */
  list(userId: string, webhookId: string): Promise<Recovery[]>;
  /** All that are running, oldest first. */
  running(): Promise<Recovery[]>;
  /**
   * Takes one step of each: queues what failed, in the order in which it was committed, just as `resend` does, each
   * delivery once in a recovery. At the most so many that the webhook's deliveries in memory stay within its requests
   * under way at once; none while the webhook is paused, or something of it is due and unclaimed.
   * Its cost is bounded, whatever there is to recover. Answers in the order of the steps.
   */
  advance(steps: readonly RecoveryStep[], now: number): Promise<RecoveryProgress[]>;
}

export interface Settled {
  /** The next of the lanes, claimed for the caller. */
  readonly promoted: readonly ReadyDelivery[];
  /** Those of the settled webhooks that had a failure and are paused now, by this call or before. */
  readonly paused: readonly { readonly webhookId: string; readonly reason: PauseReason }[];
}

/** What is due, to whom, when. Deliveries are enqueued by `EventStore.commit`, in the event's own transaction. */
export interface Queue {
  /**
   * Claims deliveries that are due, oldest first within a webhook, for the caller alone, until it settles or
   * releases them. Those of paused webhooks are passed over. Every webhook gets a share: at most `perWebhook`
   * each, less what `held` says is in memory already, going round the webhooks from where `after` says. `after` of the answer continues the round,
   * and is null when the round is complete.
   */
  claim(request: ClaimRequest): Promise<{ ready: ReadyDelivery[]; after: number | null }>;
  /**
   * Records attempts and what they mean for their deliveries. For each lane whose ready delivery ended, the
   * oldest waiting one becomes ready and is returned, claimed for the caller, unless its webhook is paused.
   * Of each webhook it notes when it was last tried, and since when nothing but failures came back: a success ends
   * that. A receiver that is gone, or a failure when it has failed since `pauseFailingSince` or longer, pauses it,
   * before the next of its lanes become ready. Null never does.
   * A delivery that was cancelled meanwhile keeps that state; its attempt is recorded all the same.
   * The same call may be made again, should its answer be lost: it counts once, and answers the same.
   */
  settle(settlements: readonly Settlement[], now: number, pauseFailingSince: number | null): Promise<Settled>;
  /** Gives claimed deliveries back, due as before. */
  release(seqs: readonly number[]): Promise<void>;
  /** Gives back whatever a process that died had claimed. Only for the one process that sends, before it starts. */
  recover(): Promise<void>;
  /**
   * When the first unclaimed delivery that falls due later than `after` is due; null when there is none.
   * Those of paused webhooks don't count.
   */
  nextDueAt(after: number): Promise<number | null>;
  /**
   * How much is due and unclaimed at `now`, and since when. For whoever watches: its cost is bounded by `limit`, up
   * to which it counts, and does not grow with the backlog.
   */
  due(now: number, limit: number): Promise<Due>;
}

export interface Due {
  /** `limit` stands for that many or more. */
  readonly count: number;
  /** When the first of them fell due; null when there is none. */
  readonly oldestAt: number | null;
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

/**
 * Removes what is old, in small steps; a round of them goes over everything. A step is cheap whatever the size of
 * the database: it looks at `limit` rows at the most (a delivery's attempts, which go with it, may exceed that), by
 * primary keys, from where the one before it ended. No step may need an index that commits would have to keep.
 */
export interface RetentionStore {
  /**
   * Removes deliveries that ended before `before`, with their attempts, and events that were committed before it and
   * have no delivery left. What is pending stays, however old, and so does its event: lanes are not touched. With an
   * event goes its idempotency key: the same event is then taken for a new one.
   */
  removeEvents(request: RetentionRequest): Promise<RetentionStep>;
  /** Removes webhooks that their owners have removed, once none of their deliveries is left. */
  removeWebhooks(request: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<{ readonly webhooks: number; readonly after: string | null }>;
}

export interface RetentionRequest {
  readonly before: number;
  /** Where the step before it ended; null begins a round. */
  readonly after: RetentionCursor | null;
  readonly limit: number;
}

/** Where a round stands: made by the backend, and of no meaning to its caller. */
export interface RetentionCursor {
  /** Numbers of the last event and of the last delivery that are done with. */
  readonly event: number;
  readonly delivery: number;
  /** Of the event after it, a delivery was seen that stays. */
  readonly isEventOwed: boolean;
}

export interface RetentionStep {
  /** How many were removed. */
  readonly events: number;
  readonly deliveries: number;
  /** Null when the round is complete. */
  readonly after: RetentionCursor | null;
}

export interface ResealStep {
  /** Webhooks that were encrypted anew. */
  readonly resealed: number;
  /** Null when the round is complete. */
  readonly after: number | null;
}

/** Encryption with another key than before. While it goes on, what is stored may be encrypted with either. */
export interface EncryptionStore {
  /**
   * Encrypts with the present key what is encrypted with another, of `limit` webhooks after the one that the step
   * before it ended with; null begins a round. What is done already is stepped over.
   */
  reseal(request: { readonly after: number | null; readonly limit: number }): Promise<ResealStep>;
  /**
   * Forgets all keys but the present one, so that the storage opens without them.
   * @returns their ids, or null when something is still encrypted with one
   */
  retireKeys(): Promise<string[] | null>;
}
