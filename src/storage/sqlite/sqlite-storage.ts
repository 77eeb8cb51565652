import { sql } from 'kysely';
import type { MetadataEntry } from '../../domain/media.ts';
import type { Storage } from '../contracts/storage.ts';
import { reserveBytes } from '../kysely/account-limits.ts';
import * as accounts from '../kysely/accounts.ts';
import * as apiKeys from '../kysely/api-keys.ts';
import * as audit from '../kysely/audit.ts';
import * as bulkResends from '../kysely/bulk-resends.ts';
import * as deliveries from '../kysely/deliveries.ts';
import * as encryption from '../kysely/encryption.ts';
import * as media from '../kysely/media.ts';
import * as webhooks from '../kysely/webhooks.ts';
import {
  claimDeliveries,
  countDue,
  nextDueAt,
  releaseDeliveries,
  releaseStaleClaims,
} from './claim-deliveries.ts';
import { commitEvents } from './commit-events.ts';
import { Database, type SqliteOptions } from './database.ts';
import { removeEvents, removeWebhooks } from './remove-events.ts';
import { settleDeliveries } from './settle-deliveries.ts';

const jsonFilters: media.JsonFilters = {
  bearsTag: (query, tag) =>
    query.where(sql<boolean>`exists (select 1 from json_each(media.tags) where value = ${tag})`),
  bearsMetadata: (query, entry: MetadataEntry) =>
    query.where(sql<boolean>`exists (select 1 from json_each(media.metadata)
      where value ->> 'key' = ${entry.key} and value ->> 'value' = ${entry.value})`),
};

/** The storage contracts over one SQLite file, in the calling thread. */
export async function openSqliteStorage(options: SqliteOptions): Promise<Storage> {
  const db = await Database.open(options);
  const { kysely, credentials } = db;
  const sealed = { kysely, credentials };
  return {
    accounts: {
      create: (account, firstKey, by) =>
        db.transaction(async () => {
          await accounts.createAccount(kysely, account, by);
          await apiKeys.createApiKey(kysely, firstKey, null, by);
        }),
      find: (id) => db.read(() => accounts.findAccount(kysely, id)),
      findByEmail: (email) => db.read(() => accounts.findAccountByEmail(kysely, email)),
      list: (request) => db.read(() => accounts.listAccounts(kysely, request)),
      update: (id, changes, change) =>
        db.transaction(() => accounts.updateAccount(kysely, id, changes, change)),
      changePassword: (id, hashes, change) =>
        db.transaction(() => accounts.changePassword(kysely, id, hashes, change)),
      rehashPassword: (id, hashes) => db.transaction(() => accounts.rehashPassword(kysely, id, hashes)),
      existing: (ids) => db.read(() => accounts.existingAccounts(kysely, ids)),
      any: () => db.read(() => accounts.anyAccount(kysely)),
    },
    apiKeys: {
      create: (key, most, by) => db.transaction(() => apiKeys.createApiKey(kysely, key, most, by)),
      list: (userId, request) => db.read(() => apiKeys.listApiKeys(kysely, userId, request)),
      findByPublicKey: (publicKey) => db.read(() => apiKeys.findApiKeyByPublicKey(kysely, publicKey)),
      rename: (userId, id, name, change) =>
        db.transaction(() => apiKeys.renameApiKey(kysely, userId, id, name, change)),
      delete: (userId, id, change) => db.transaction(() => apiKeys.deleteApiKey(kysely, userId, id, change)),
      touch: (uses) => db.transaction(() => apiKeys.touchApiKeys(kysely, uses)),
    },
    webhooks: {
      create: (webhook, most, by) => db.transaction(() => webhooks.createWebhook(sealed, webhook, most, by)),
      list: (userId, request) => db.read(() => webhooks.listWebhooks(sealed, userId, request)),
      find: (userId, id) => db.read(() => webhooks.findWebhook(sealed, userId, id)),
      existedEver: (userId, id) => db.read(() => webhooks.webhookExistedEver(kysely, userId, id)),
      update: (userId, id, changes, change) =>
        db.transaction(() => webhooks.updateWebhook(sealed, userId, id, changes, change)),
      rotateKeys: (userId, id, keys, change) =>
        db.transaction(() => webhooks.rotateWebhookKeys(sealed, userId, id, keys, change)),
      pause: (userId, id, change) => db.transaction(() => webhooks.pauseWebhook(sealed, userId, id, change)),
      resume: (userId, id, change) =>
        db.transaction(() => webhooks.resumeWebhook(sealed, userId, id, change)),
      delete: (userId, id, change) =>
        db.transaction(() => webhooks.deleteWebhook(kysely, userId, id, change)),
    },
    media: {
      create: (created, mostOpen, by) =>
        db.transaction(() => media.createMedia(kysely, created, mostOpen, by)),
      reserveBytes: (id, bytes, most) => db.transaction(() => reserveBytes(kysely, id, bytes, most)),
      find: (userId, id) => db.read(() => media.findMedia(kysely, id, userId)),
      findAny: (id) => db.read(() => media.findMedia(kysely, id)),
      list: (userId, request) => db.read(() => media.listMedia(kysely, jsonFilters, userId, request)),
      update: (userId, id, changes, change) =>
        db.transaction(() => media.updateMedia(kysely, userId, id, changes, change)),
      delete: (userId, id, change) => db.transaction(() => media.deleteMedia(kysely, userId, id, change)),
      unfinished: () => db.read(() => media.unfinishedMedia(kysely)),
      statuses: (ids) => db.read(() => media.mediaStatuses(kysely, ids)),
      saveProbe: (id, facts, now) => db.transaction(() => media.saveProbe(kysely, id, facts, now)),
      setThumbnail: (userId, id, hasThumbnail, change) =>
        db.transaction(() => media.setThumbnail(kysely, userId, id, hasThumbnail, change)),
      moveQuality: (id, position, status, now) =>
        db.transaction(() => media.moveQuality(kysely, id, position, status, now)),
    },
    events: {
      commit: (publications, now) => db.transaction(() => commitEvents(db, publications, now)),
    },
    deliveries: {
      list: (userId, webhookId, request) =>
        db.read(() => deliveries.listDeliveries(kysely, userId, webhookId, request)),
      find: (userId, id) => db.read(() => deliveries.findDelivery(kysely, userId, id)),
      resend: (userId, id, change) =>
        db.transaction(() => deliveries.resendDelivery(kysely, userId, id, change)),
    },
    bulkResends: {
      create: (recovery, by) => db.transaction(() => bulkResends.createBulkResend(kysely, recovery, by)),
      list: (userId, webhookId) => db.read(() => bulkResends.listBulkResends(kysely, userId, webhookId)),
      running: () => db.read(() => bulkResends.runningBulkResends(kysely)),
      advance: (steps, now) => db.transaction(() => bulkResends.advanceBulkResends(kysely, steps, now)),
    },
    queue: {
      claim: (request) => db.transaction(() => claimDeliveries(db, request)),
      settle: (settlements, now, pauseFailingSince = null) =>
        db.transaction(() => settleDeliveries(db, settlements, now, pauseFailingSince)),
      release: (seqs) => db.transaction(() => releaseDeliveries(db, seqs)),
      releaseStaleClaims: () => db.transaction(() => releaseStaleClaims(db)),
      nextDueAt: (after) => db.read(() => nextDueAt(db, after)),
      due: (now, limit) => db.read(() => countDue(db, now, limit)),
    },
    retention: {
      removeEvents: (request) => db.transaction(() => removeEvents(db, request)),
      removeWebhooks: ({ after, limit }) => db.transaction(() => removeWebhooks(db, after, limit)),
      removeAuditRecords: ({ before, limit }) =>
        db.transaction(() => audit.removeAuditRecords(kysely, before, limit)),
    },
    encryption: {
      reseal: ({ after, limit }) =>
        db.transaction(() => encryption.resealCredentials(kysely, db, after ?? 0, limit)),
      retireKeys: (change) => db.transaction(() => encryption.retireKeys(kysely, db.ring, change)),
    },
    audit: {
      add: (entry, by) => db.transaction(() => audit.addRecord(kysely, entry, by)),
      list: (request) => db.read(() => audit.listAuditRecords(kysely, request)),
    },
    close: () => db.close(),
  };
}
