import type { Account, AccountChanges, ApiKey, ApiKeyType } from '../../domain/account.ts';
import type { Actor } from '../../domain/audit.ts';
import type { EventType } from '../../domain/event.ts';
import type { Media, MediaChanges, MediaStatus, MediaType, MetadataEntry } from '../../domain/media.ts';
import type { Webhook, WebhookChanges } from '../../domain/webhook.ts';
import type { AuditStore } from './audit.ts';
import type { BulkResendStore, DeliveryStore } from './deliveries.ts';
import type { EventStore, Queue } from './queue.ts';
import type { EncryptionStore, RetentionStore } from './retention.ts';

/**
 * The storage contracts. A backend implements all of them, and passes test/conformance.
 *
 * Obligations of every method:
 * - it is one transaction: all of it is durable (an fsynced commit) when its promise fulfils, none when it rejects;
 * - it rejects with `ApiError('storage_full')` when the disk is full, and the same call may be made again;
 * - methods on the hot path (`events.commit`, all of `Queue`) take arrays and cost one transaction a call;
 * - a method given a `userId` sees that account's rows only;
 * - a method given an `Actor` records what it changes in the same transaction: see `AuditStore`.
 * Times are milliseconds since the epoch and are always arguments: a backend never reads the clock.
 */
export interface Storage {
  readonly accounts: AccountStore;
  readonly apiKeys: ApiKeyStore;
  readonly webhooks: WebhookStore;
  readonly media: MediaStore;
  readonly events: EventStore;
  readonly deliveries: DeliveryStore;
  readonly bulkResends: BulkResendStore;
  readonly queue: Queue;
  readonly retention: RetentionStore;
  readonly encryption: EncryptionStore;
  readonly audit: AuditStore;
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
  create(account: Account, firstKey: ApiKey, by?: Actor): Promise<void>;
  find(id: string): Promise<Account | null>;
  /** By the email address as it is stored: see `normalEmail`. */
  findByEmail(email: string): Promise<Account | null>;
  list(request: AccountListRequest): Promise<Page<Account>>;
  /** The changed account, or null where there is none. A password begins the next token generation. */
  update(id: string, changes: AccountChanges, now: number, by?: Actor): Promise<Account | null>;
  /**
   * The same for the password alone, and only while the hash `from` is in force: of two at once, one is made.
   * Null where there is no such account, or its hash is another.
   */
  changePassword(id: string, change: PasswordChange, now: number, by?: Actor): Promise<Account | null>;
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
  create(key: ApiKey, most?: number | null, by?: Actor): Promise<void>;
  list(userId: string, request: ApiKeyListRequest): Promise<Page<ApiKey>>;
  findByPublicKey(publicKey: string): Promise<ApiKey | null>;
  /** False when the account has no such key. */
  rename(userId: string, id: string, name: string, now: number, by?: Actor): Promise<boolean>;
  /** The removed key, or null when the account has no such key. */
  delete(userId: string, id: string, now: number, by?: Actor): Promise<ApiKey | null>;
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
  create(webhook: Webhook, most?: number | null, by?: Actor): Promise<void>;
  list(userId: string, request: WebhookListRequest): Promise<Page<Webhook>>;
  find(userId: string, id: string): Promise<Webhook | null>;
  /** Whether the account has such a webhook, or had it: its deliveries outlive it. */
  existedEver(userId: string, id: string): Promise<boolean>;
  /** The changed webhook, or null when the account has no such webhook. */
  update(
    userId: string,
    id: string,
    changes: WebhookChanges,
    now: number,
    by?: Actor,
  ): Promise<Webhook | null>;
  /**
   * Takes new signing keys into use; those until now become the previous ones, until `previousUntil`, or are
   * forgotten where that is null, as are those that were previous. A private key is taken where the webhook has one.
   * @returns the webhook as it is now, or null when the account has no such webhook
   */
  rotateKeys(
    userId: string,
    id: string,
    keys: NewSigningKeys,
    now: number,
    by?: Actor,
  ): Promise<Webhook | null>;
  /**
   * Pauses the webhook: from then on none of its deliveries is claimed, promoted or ready to be sent at once, and
   * new ones are made all the same. One that is paused keeps its reason. Costs one row, whatever is queued.
   * @returns the webhook as it is now, or null when the account has no such webhook
   */
  pause(userId: string, id: string, now: number, by?: Actor): Promise<Webhook | null>;
  /** Undoes a pause, whatever its reason; the webhook is not failing any more. Costs and answers as `pause` does. */
  resume(userId: string, id: string, now: number, by?: Actor): Promise<Webhook | null>;
  /**
   * Removes the webhook, and cancels its pending deliveries (it tells how many) and its recoveries. Null when the
   * account has no such webhook.
   */
  delete(userId: string, id: string, now: number, by?: Actor): Promise<{ readonly cancelled: number } | null>;
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

export type Reservation = { readonly atLeast: number } | { readonly more: number };

export type ProbedFacts = Pick<Media, 'duration' | 'type' | 'hasTakenThumbnail'>;

export interface MediaStore {
  /** As for webhooks, with `mostOpen` media of the account whose upload is not complete. */
  create(media: Media, mostOpen?: number | null, by?: Actor): Promise<void>;
  /**
   * Counts bytes against what the account may keep, for a media whose upload is not complete: it then keeps `atLeast`
   * so many, or so many `more`; 0 more asks whether there is room for a byte. Once it is received it keeps its size, and nothing when it is deleted.
   * Rejects with `ApiError('limit_reached')`, and counts nothing, where all media of the account together would keep
   * more than `most`: calls at the same time can't pass it. Its cost grows with the account's media.
   */
  reserveBytes(id: string, bytes: Reservation, most: number): Promise<void>;
  /** Null for one that was deleted, too. */
  find(userId: string, id: string): Promise<Media | null>;
  /** The same, whoever owns it: for the encoder and for serving files. */
  findAny(id: string): Promise<Media | null>;
  list(userId: string, request: MediaListRequest): Promise<Page<Media>>;
  /** False when the account has no such media. */
  update(userId: string, id: string, changes: MediaChanges, now: number, by?: Actor): Promise<boolean>;
  /** Marks the media as deleted, from any state. False when the account has no such media. */
  delete(userId: string, id: string, now: number, by?: Actor): Promise<boolean>;
  /** What was received and has no end yet, oldest first: the work of a process that died. */
  unfinished(): Promise<Media[]>;
  /** Of `ids`, those that are media, deleted ones too. What the answer leaves out is not known here. */
  statuses(ids: readonly string[]): Promise<readonly { id: string; status: MediaStatus }[]>;
  /** Notes what a look at the file told. */
  saveProbe(id: string, facts: ProbedFacts, now: number): Promise<void>;
  setThumbnail(userId: string, id: string, hasThumbnail: boolean, now: number, by?: Actor): Promise<boolean>;
  /** Moves one quality to `transcoding` or `fail`; its way to `done` has an event: see `EventStore.commit`. */
  moveQuality(id: string, position: number, status: 'transcoding' | 'fail', now: number): Promise<void>;
}
