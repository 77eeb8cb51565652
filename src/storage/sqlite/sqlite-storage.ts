import { sql } from 'kysely';
import type { MetadataEntry } from '../../domain/media.ts';
import { keepBytes } from '../operations/account-limits.ts';
import * as accounts from '../operations/accounts.ts';
import * as apiKeys from '../operations/api-keys.ts';
import * as deliveries from '../operations/deliveries.ts';
import * as encryption from '../operations/encryption.ts';
import * as media from '../operations/media.ts';
import * as recoveries from '../operations/recoveries.ts';
import * as webhooks from '../operations/webhooks.ts';
import type { Storage } from '../storage.ts';
import {
  claimDeliveries,
  countDue,
  nextDueAt,
  recoverDeliveries,
  releaseDeliveries,
} from './claim-deliveries.ts';
import { commitEvents } from './commit-events.ts';
import { Database, type SqliteOptions } from './database.ts';
import { removeEvents, removeWebhooks } from './remove-old.ts';
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
      create: (account, firstKey) =>
        db.transaction(async () => {
          await accounts.createAccount(kysely, account);
          await apiKeys.createApiKey(kysely, firstKey);
        }),
      find: (id) => db.read(() => accounts.findAccount(kysely, id)),
      findByEmail: (email) => db.read(() => accounts.findAccountByEmail(kysely, email)),
      list: (request) => db.read(() => accounts.listAccounts(kysely, request)),
      update: (id, changes, now) => db.transaction(() => accounts.updateAccount(kysely, id, changes, now)),
      changePassword: (id, change, now) =>
        db.transaction(() => accounts.changePassword(kysely, id, change, now)),
      rehashPassword: (id, change) => db.transaction(() => accounts.rehashPassword(kysely, id, change)),
      existing: (ids) => db.read(() => accounts.existingAccounts(kysely, ids)),
      any: () => db.read(() => accounts.anyAccount(kysely)),
    },
    apiKeys: {
      create: (key, most) => db.transaction(() => apiKeys.createApiKey(kysely, key, most)),
      list: (userId, request) => db.read(() => apiKeys.listApiKeys(kysely, userId, request)),
      findByPublicKey: (publicKey) => db.read(() => apiKeys.findApiKeyByPublicKey(kysely, publicKey)),
      rename: (userId, id, name, now) =>
        db.transaction(() => apiKeys.renameApiKey(kysely, userId, id, name, now)),
      delete: (userId, id) => db.transaction(() => apiKeys.deleteApiKey(kysely, userId, id)),
      touch: (uses) => db.transaction(() => apiKeys.touchApiKeys(kysely, uses)),
    },
    webhooks: {
      create: (webhook, most) => db.transaction(() => webhooks.createWebhook(sealed, webhook, most)),
      list: (userId, request) => db.read(() => webhooks.listWebhooks(sealed, userId, request)),
      find: (userId, id) => db.read(() => webhooks.findWebhook(sealed, userId, id)),
      known: (userId, id) => db.read(() => webhooks.knownWebhook(kysely, userId, id)),
      update: (userId, id, changes, now) =>
        db.transaction(() => webhooks.updateWebhook(sealed, userId, id, changes, now)),
      rotateKeys: (userId, id, keys, now) =>
        db.transaction(() => webhooks.rotateWebhookKeys(sealed, userId, id, keys, now)),
      pause: (userId, id, now) => db.transaction(() => webhooks.pauseWebhook(sealed, userId, id, now)),
      resume: (userId, id, now) => db.transaction(() => webhooks.resumeWebhook(sealed, userId, id, now)),
      delete: (userId, id, now) => db.transaction(() => webhooks.deleteWebhook(kysely, userId, id, now)),
    },
    media: {
      create: (created, mostOpen) => db.transaction(() => media.createMedia(kysely, created, mostOpen)),
      keepBytes: (id, bytes, most) => db.transaction(() => keepBytes(kysely, id, bytes, most)),
      find: (userId, id) => db.read(() => media.findMedia(kysely, id, userId)),
      findAny: (id) => db.read(() => media.findMedia(kysely, id)),
      list: (userId, request) => db.read(() => media.listMedia(kysely, jsonFilters, userId, request)),
      update: (userId, id, changes, now) =>
        db.transaction(() => media.updateMedia(kysely, userId, id, changes, now)),
      delete: (userId, id, now) => db.transaction(() => media.deleteMedia(kysely, userId, id, now)),
      unfinished: () => db.read(() => media.unfinishedMedia(kysely)),
      statuses: (ids) => db.read(() => media.mediaStatuses(kysely, ids)),
      describe: (id, facts, now) => db.transaction(() => media.describeMedia(kysely, id, facts, now)),
      setThumbnail: (userId, id, hasThumbnail, now) =>
        db.transaction(() => media.updateMedia(kysely, userId, id, { hasThumbnail }, now)),
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
      resend: (userId, id, now) => db.transaction(() => deliveries.resendDelivery(kysely, userId, id, now)),
    },
    recoveries: {
      create: (recovery) => db.transaction(() => recoveries.createRecovery(kysely, recovery)),
      list: (userId, webhookId) => db.read(() => recoveries.listRecoveries(kysely, userId, webhookId)),
      running: () => db.read(() => recoveries.runningRecoveries(kysely)),
      advance: (steps, now) => db.transaction(() => recoveries.advanceRecoveries(kysely, steps, now)),
    },
    queue: {
      claim: (request) => db.transaction(() => claimDeliveries(db, request)),
      settle: (settlements, now, pauseFailingSince = null) =>
        db.transaction(() => settleDeliveries(db, settlements, now, pauseFailingSince)),
      release: (seqs) => db.transaction(() => releaseDeliveries(db, seqs)),
      recover: () => db.transaction(() => recoverDeliveries(db)),
      nextDueAt: (after) => db.read(() => nextDueAt(db, after)),
      due: (now, limit) => db.read(() => countDue(db, now, limit)),
    },
    retention: {
      removeEvents: (request) => db.transaction(() => removeEvents(db, request)),
      removeWebhooks: ({ after, limit }) => db.transaction(() => removeWebhooks(db, after, limit)),
    },
    encryption: {
      reseal: ({ after, limit }) =>
        db.transaction(() => encryption.resealCredentials(kysely, db, after ?? 0, limit)),
      retireKeys: () => db.transaction(() => encryption.retireKeys(kysely, db.ring)),
    },
    close: () => db.close(),
  };
}
