import type { Kysely } from 'kysely';
import type { AccountStore } from '../contracts/accounts.ts';
import type { ApiKeyStore } from '../contracts/api-keys.ts';
import type { AuditStore } from '../contracts/audit.ts';
import type { BulkResendStore } from '../contracts/bulk-resends.ts';
import type { ConsoleSessionStore } from '../contracts/console-sessions.ts';
import type { DeliveryStore } from '../contracts/deliveries.ts';
import type { EncryptionStore } from '../contracts/encryption.ts';
import type { EventStore } from '../contracts/events.ts';
import type { MediaStore } from '../contracts/media.ts';
import type { Queue } from '../contracts/queue.ts';
import type { RetentionStore } from '../contracts/retention.ts';
import type { Storage } from '../contracts/storage.ts';
import type { UsageStore } from '../contracts/usage.ts';
import type { WebhookStore } from '../contracts/webhooks.ts';
import type { KeyRing } from '../encryption/key-ring.ts';
import type { SealedCredentials } from '../encryption/webhook-credentials.ts';
import * as accounts from './accounts.ts';
import * as apiKeys from './api-keys.ts';
import * as audit from './audit.ts';
import * as bulkResends from './bulk-resends.ts';
import * as consoleSessions from './console-sessions.ts';
import * as deliveries from './deliveries.ts';
import * as encryption from './encryption.ts';
import { reserveBytes, usageOf } from './limits/account-limits.ts';
import * as media from './media.ts';
import * as mediaLists from './media-lists.ts';
import * as deliveryHours from './requests/delivery-hours.ts';
import * as webhookChecks from './requests/webhook-checks.ts';
import * as retention from './retention.ts';
import type { Schema } from './tables/schema.ts';
import * as usage from './usage.ts';
import * as webhookDeletions from './webhook-deletions.ts';
import * as webhooks from './webhooks.ts';

/**
 * Methods that each backend implements in the SQL of its own dialect, for speed: the methods that run for
 * every delivery, and those that visit every row: the removal of old events, and the count of old rows. `assembleStorage`
 * adds no wrapper to them.
 */
export interface HotPath {
  readonly events: EventStore;
  readonly queue: Queue;
  readonly removeEvents: RetentionStore['removeEvents'];
  readonly countOldRows: UsageStore['countOldRows'];
}

/**
 * Runs `work` as one transaction, and passes the connection to `work`. Transactions are serializable: each
 * transaction sees the database as if no other transaction ran at the same time. A backend is allowed to undo
 * `work` and run it again. Therefore `work` must have no effect outside of the database.
 */
export type RunTransaction = <T>(work: (db: Kysely<Schema>) => Promise<T>) => Promise<T>;

/**
 * The parts of a storage that depend on the database: its transactions, and the SQL that differs between
 * dialects.
 */
export interface Backend {
  /**
   * Runs `work`, which only reads. If `work` calls `pause`, each of its steps is a transaction, instead of all
   * of them together.
   */
  readonly read: RunTransaction;
  /** Ends a step of a read: see `Reading`. Only the work that `read` runs may call it. */
  readonly pause: () => Promise<void>;
  /**
   * Runs `work` and commits. The changes of `work` are durable when the promise fulfils, and undone when it
   * rejects.
   */
  readonly write: RunTransaction;
  readonly hotPath: HotPath;
  /** Encrypts and decrypts the credentials of webhooks. */
  readonly credentials: SealedCredentials;
  readonly ring: KeyRing;
  readonly close: () => Promise<void>;
}

/**
 * Makes a complete storage. The hot path comes from the backend. All other methods use SQL that is the same
 * in every dialect.
 */
export function assembleStorage(backend: Backend): Storage {
  const { hotPath } = backend;
  return {
    accounts: accountStore(backend),
    apiKeys: apiKeyStore(backend),
    consoleSessions: consoleSessionStore(backend),
    webhooks: webhookStore(backend),
    media: mediaStore(backend),
    events: hotPath.events,
    deliveries: deliveryStore(backend),
    bulkResends: bulkResendStore(backend),
    queue: hotPath.queue,
    retention: retentionStore(backend),
    encryption: encryptionStore(backend),
    audit: auditStore(backend),
    usage: usageStore(backend),
    close: backend.close,
  };
}

function accountStore({ read, write, pause }: Backend): AccountStore {
  return {
    create: (account, firstKey, by) =>
      write(async (db) => {
        await accounts.createAccount(db, account, by);
        await apiKeys.createApiKey(db, firstKey, null, by);
      }),
    find: (id) => read((db) => accounts.findAccount(db, id)),
    findByEmail: (email) => read((db) => accounts.findAccountByEmail(db, email)),
    list: (request) => read((db) => accounts.listAccounts({ db, pause }, request)),
    update: (id, changes, change) => write((db) => accounts.updateAccount(db, id, changes, change)),
    changePassword: (id, hashes, change) => write((db) => accounts.changePassword(db, id, hashes, change)),
    rehashPassword: (id, hashes) => write((db) => accounts.rehashPassword(db, id, hashes)),
    existing: (ids) => read((db) => accounts.existingAccounts(db, ids)),
    usage: (id) => read((db) => usageOf(db, id)),
    any: () => read((db) => accounts.anyAccount(db)),
  };
}

function apiKeyStore({ read, write, pause }: Backend): ApiKeyStore {
  return {
    create: (key, most, by) => write((db) => apiKeys.createApiKey(db, key, most, by)),
    list: (userId, request) => read((db) => apiKeys.listApiKeys({ db, pause }, userId, request)),
    findByPublicKey: (publicKey) => read((db) => apiKeys.findApiKeyByPublicKey(db, publicKey)),
    rename: (userId, id, name, change) => write((db) => apiKeys.renameApiKey(db, userId, id, name, change)),
    delete: (userId, id, change) => write((db) => apiKeys.deleteApiKey(db, userId, id, change)),
    touch: (uses) => write((db) => apiKeys.touchApiKeys(db, uses)),
  };
}

function consoleSessionStore({ read, write }: Backend): ConsoleSessionStore {
  return {
    create: (session, by) => write((db) => consoleSessions.createSession(db, session, by)),
    find: (id) => read((db) => consoleSessions.findSession(db, id)),
    end: (userId, id, change) => write((db) => consoleSessions.endSession(db, userId, id, change)),
    createLink: (link, by) => write((db) => consoleSessions.createLink(db, link, by)),
    redeemLink: (linkId, session, by) => write((db) => consoleSessions.redeemLink(db, linkId, session, by)),
  };
}

function webhookStore({ read, write, pause, credentials }: Backend): WebhookStore {
  const sealed = (kysely: Kysely<Schema>) => ({ kysely, credentials });
  return {
    create: (webhook, most, by) => write((db) => webhooks.createWebhook(sealed(db), webhook, most, by)),
    list: (userId, request) =>
      read((db) => webhooks.listWebhooks({ db, pause, credentials }, userId, request)),
    find: (userId, id) => read((db) => webhooks.findWebhook(sealed(db), userId, id)),
    existedEver: (userId, id) => read((db) => webhooks.webhookExistedEver(db, userId, id)),
    addCheck: (userId, id, check) => write((db) => webhookChecks.addCheck(db, userId, id, check)),
    checks: (userId, id) => read((db) => webhookChecks.listChecks(db, userId, id)),
    update: (userId, id, changes, change) =>
      write((db) => webhooks.updateWebhook(sealed(db), userId, id, changes, change)),
    rotateKeys: (userId, id, keys, change) =>
      write((db) => webhooks.rotateWebhookKeys(sealed(db), userId, id, keys, change)),
    pause: (userId, id, change) => write((db) => webhooks.pauseWebhook(sealed(db), userId, id, change)),
    resume: (userId, id, change) => write((db) => webhooks.resumeWebhook(sealed(db), userId, id, change)),
    delete: (userId, id, change) => write((db) => webhookDeletions.deleteWebhook(db, userId, id, change)),
    addHours: (hours) => write((db) => deliveryHours.addHours(db, hours)),
    hours: (_userId, request) => read((db) => deliveryHours.readHours(db, request)),
    removeHours: (before, limit) => write((db) => deliveryHours.removeHours(db, before, limit)),
    cancelDeliveries: (limit) => write((db) => webhookDeletions.cancelDeliveries(db, limit)),
  };
}

function mediaStore({ read, write, pause }: Backend): MediaStore {
  return {
    create: (created, most, by) => write((db) => media.createMedia(db, created, most, by)),
    reserveBytes: ({ id }, bytes, most) => write((db) => reserveBytes(db, id, bytes, most)),
    find: (userId, id) => read((db) => media.findMedia(db, id, userId)),
    findAny: (id) => read((db) => media.findMedia(db, id)),
    list: (userId, request) => read((db) => mediaLists.listMedia({ db, pause }, userId, request)),
    findSome: (userId, ids) => read((db) => mediaLists.findSomeMedia(db, userId, ids)),
    update: (userId, id, changes, change) =>
      write((db) => media.updateMedia(db, userId, id, changes, change)),
    delete: (userId, id, change) => write((db) => media.deleteMedia(db, userId, id, change)),
    unfinished: (after, limit, userId) => read((db) => media.unfinishedMedia(db, after, { limit, userId })),
    statuses: (ids) => read((db) => media.mediaStatuses(db, ids)),
    all: (step) => read((db) => media.allMedia(db, step)),
    saveProbe: (id, facts, now) => write((db) => media.saveProbe(db, id, facts, now)),
    setThumbnail: (userId, id, hasThumbnail, change) =>
      write((db) => media.setThumbnail(db, userId, id, hasThumbnail, change)),
    moveQuality: (id, position, status, now) =>
      write((db) => media.moveQuality(db, id, position, status, now)),
  };
}

function deliveryStore({ read, write }: Backend): DeliveryStore {
  return {
    list: (userId, webhookId, request) =>
      read((db) => deliveries.listDeliveries(db, userId, webhookId, request)),
    story: (userId, mediaId, page) => read((db) => deliveries.storyOfMedia(db, userId, mediaId, page)),
    find: (userId, id, before) => read((db) => deliveries.findDelivery(db, userId, id, before)),
    resend: (userId, id, change, steadyNow) =>
      write((db) => deliveries.resendDelivery(db, userId, id, change, steadyNow)),
  };
}

function bulkResendStore({ read, write }: Backend): BulkResendStore {
  return {
    create: (bulkResend, by) => write((db) => bulkResends.createBulkResend(db, bulkResend, by)),
    list: (userId, webhookId) => read((db) => bulkResends.listBulkResends(db, userId, webhookId)),
    running: (after, limit) => read((db) => bulkResends.runningBulkResends(db, after, limit)),
    advance: (steps, now, steadyNow) =>
      write((db) => bulkResends.advanceBulkResends(db, steps, now, steadyNow)),
  };
}

function retentionStore({ read, write, hotPath }: Backend): RetentionStore {
  return {
    removeEvents: hotPath.removeEvents,
    removeWebhooks: (request) => write((db) => retention.removeWebhooks(db, request)),
    deletedMedia: (request) => read((db) => retention.deletedMedia(db, request)),
    removeMedia: (ids) => write((db) => retention.removeMedia(db, ids)),
    removeAuditRecords: (request) => write((db) => retention.removeAuditRecords(db, request)),
  };
}

function encryptionStore({ write, ring, credentials }: Backend): EncryptionStore {
  return {
    reseal: (request) => write((db) => encryption.resealCredentials(db, { ring, credentials }, request)),
    retireKeys: (change) => write((db) => encryption.retireKeys(db, ring, change)),
  };
}

function auditStore({ read, write, pause }: Backend): AuditStore {
  return {
    add: (entry, by) => write((db) => audit.addRecord(db, entry, by)),
    list: (request) => read((db) => audit.listAuditRecords({ db, pause }, request)),
  };
}

function usageStore({ read, write, hotPath }: Backend): UsageStore {
  return {
    encoded: (userId) => read((db) => usage.encodedUsage(db, userId)),
    reserveEncoded: (id, bytes, most) =>
      write((db) => usage.reserveFiles(db, id, { column: 'encodedBytes', bytes, most })),
    saveEncoded: (id, bytes) => write((db) => usage.saveFiles(db, id, { column: 'encodedBytes', bytes })),
    reserveThumbnail: ({ id, userId }, bytes, most) =>
      write((db) => usage.reserveFiles(db, id, { column: 'thumbnailBytes', bytes, userId, most })),
    saveThumbnail: ({ id, userId }, bytes) =>
      write((db) => usage.saveFiles(db, id, { column: 'thumbnailBytes', bytes, userId })),
    unmeasured: (after, limit) => read((db) => usage.unmeasuredMedia(db, after, limit)),
    saveMeasured: (media, measured) => write((db) => usage.saveMeasured(db, media, measured)),
    countOldRows: hotPath.countOldRows,
  };
}
