import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import type { Actor, Change } from '../../domain/audit.ts';
import { EVENT_TYPES } from '../../domain/event.ts';
import type { Webhook, WebhookChanges, WebhookCredentials } from '../../domain/webhook.ts';
import type { Page } from '../contracts/page.ts';
import type { NewSigningKeys, WebhookListRequest } from '../contracts/webhooks.ts';
import type { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { changedColumns, record } from './audit.ts';
import { charge, refuseMore } from './limits/account-limits.ts';
import { contains, is, type Listing, pageOf, type Reading } from './list-query.ts';
import { reviseWebhook } from './requests/webhook-revisions.ts';
import type { Schema } from './tables/schema.ts';
import { EVENT_COLUMN, eventColumns, retryScheduleText, toWebhook } from './tables/webhook-row.ts';

/** A database, and the object that encrypts and decrypts the credentials of webhooks in the database. */
export interface SealedDatabase {
  readonly kysely: Kysely<Schema>;
  readonly credentials: SealedCredentials;
}

/** Implements `WebhookStore.create`. Must be called within a transaction. */
export async function createWebhook(
  db: SealedDatabase,
  webhook: Webhook,
  most: number | null,
  by: Actor | null,
): Promise<void> {
  if (most !== null) {
    const present = db.kysely.selectFrom('webhooks').where('userId', '=', webhook.userId);
    const { count } = await present
      .where('deletedAt', 'is', null)
      .select((e) => e.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    refuseMore(count, most, 'webhooks');
  }
  const { events, retrySchedule, secret, signature, privateKey, previousKeys, headers, ...columns } = webhook;
  const credentials = { secret, signature, privateKey, previousKeys, headers };
  const row = await db.kysely
    .insertInto('webhooks')
    .values({
      ...columns,
      credentials: db.credentials.seal(webhook.id, credentials),
      ...eventColumns(events),
      retrySchedule: retryScheduleText(retrySchedule),
      deletedAt: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const { id: targetId, userId: accountId, createdAt: at } = webhook;
  await charge(db.kysely, row.userId, await reviseWebhook(db, row, at));
  await record(db.kysely, by, { at, accountId, action: 'webhook.created', targetId });
}

export async function listWebhooks(
  { credentials, ...reading }: Reading & Pick<SealedDatabase, 'credentials'>,
  userId: string,
  { search, events, ...request }: WebhookListRequest,
): Promise<Page<Webhook>> {
  const wanted = EVENT_TYPES.filter((type) => events[type] !== undefined);
  const listing: Listing<'webhooks'> = {
    table: 'webhooks',
    visited: (query) => query.where('userId', '=', userId).where('deletedAt', 'is', null),
    conditions: [
      ...(search === null ? [] : [contains('name', search)]),
      ...wanted.map((type) => is(EVENT_COLUMN[type], Number(events[type]))),
    ],
  };
  const { rows, total } = await pageOf(reading, listing, request);
  return { items: rows.map((row) => toWebhook(credentials, row)), total };
}

export async function findWebhook(db: SealedDatabase, userId: string, id: string): Promise<Webhook | null> {
  const row = await selectOwn(db.kysely, userId, id).selectAll().executeTakeFirst();
  return row ? toWebhook(db.credentials, row) : null;
}

export async function hasWebhook(db: Kysely<Schema>, userId: string, id: string): Promise<boolean> {
  return (await selectOwn(db, userId, id).select('seq').executeTakeFirst()) !== undefined;
}

function selectOwn(db: Kysely<Schema>, userId: string, id: string) {
  return db
    .selectFrom('webhooks')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('deletedAt', 'is', null);
}

export async function webhookExistedEver(db: Kysely<Schema>, userId: string, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('webhooks')
    .select('seq')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row !== undefined;
}

export async function updateWebhook(
  db: SealedDatabase,
  userId: string,
  id: string,
  changes: WebhookChanges,
  { at, by }: Change,
): Promise<Webhook | null> {
  const before = await selectOwn(db.kysely, userId, id).selectAll().executeTakeFirst();
  if (!before) return null;
  const { events, retrySchedule, signature, privateKey, headers, ...same } = changes;
  if (signature ?? privateKey ?? headers) {
    await changeCredentials(db, userId, id, (sealed) => ({
      ...sealed,
      ...(signature && { signature }),
      ...(headers && { headers }),
      privateKey: sealed.privateKey ?? privateKey ?? null,
    }));
  }
  const columns = {
    ...same,
    ...(events ? eventColumns(events) : {}),
    ...(retrySchedule ? { retrySchedule: retryScheduleText(retrySchedule) } : {}),
  };
  const row = await ownWebhook(db.kysely, userId, id)
    .set({ ...columns, updatedAt: at })
    .returningAll()
    .executeTakeFirstOrThrow();
  await charge(db.kysely, row.userId, await reviseWebhook(db, row, at));
  const after = toWebhook(db.credentials, row);
  if (by) {
    const changed = [
      ...changedColumns(before, columns),
      ...changedCredentials(toWebhook(db.credentials, before), after),
    ];
    if (changed.length > 0)
      await record(db.kysely, by, {
        at,
        accountId: userId,
        action: 'webhook.updated',
        targetId: id,
        changed,
      });
  }
  return after;
}

/** Compares the encrypted fields that the owner can set. Returns the names of the changed fields. */
function changedCredentials(before: Webhook, after: Webhook): string[] {
  const names = ['signature', 'headers'] as const;
  return names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

export async function rotateWebhookKeys(
  db: SealedDatabase,
  userId: string,
  id: string,
  { secret, privateKey, previousUntil: until }: NewSigningKeys,
  { at, by }: Change,
): Promise<Webhook | null> {
  await changeCredentials(db, userId, id, (before) => ({
    ...before,
    secret,
    privateKey: before.privateKey && privateKey,
    previousKeys: until === null ? null : { secret: before.secret, privateKey: before.privateKey, until },
  }));
  const webhook = await updateWebhook(db, userId, id, {}, { at, by: null });
  if (!webhook) return null;
  await record(db.kysely, by, { at, accountId: userId, action: 'webhook.secret_rotated', targetId: id });
  return webhook;
}

async function changeCredentials(
  { kysely, credentials }: SealedDatabase,
  userId: string,
  id: string,
  change: (before: WebhookCredentials) => WebhookCredentials,
): Promise<void> {
  const row = await selectOwn(kysely, userId, id).select('credentials').executeTakeFirst();
  if (!row) return;
  const changed = change(credentials.open(id, row.credentials));
  await ownWebhook(kysely, userId, id)
    .set({ credentials: credentials.seal(id, changed) })
    .execute();
}

export async function pauseWebhook(
  db: SealedDatabase,
  userId: string,
  id: string,
  { at, by }: Change,
): Promise<Webhook | null> {
  const { numUpdatedRows } = await ownWebhook(db.kysely, userId, id)
    .set({ pausedAt: at, pauseReason: 'owner', updatedAt: at })
    .where('pausedAt', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n)
    await record(db.kysely, by, { at, accountId: userId, action: 'webhook.paused', targetId: id });
  return findWebhook(db, userId, id);
}

export async function resumeWebhook(
  db: SealedDatabase,
  userId: string,
  id: string,
  { at, by }: Change,
): Promise<Webhook | null> {
  const { numUpdatedRows } = await ownWebhook(db.kysely, userId, id)
    .set({ pausedAt: null, pauseReason: null, failingSince: null, updatedAt: at })
    .where('pausedAt', 'is not', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n)
    await record(db.kysely, by, { at, accountId: userId, action: 'webhook.resumed', targetId: id });
  return findWebhook(db, userId, id);
}

function ownWebhook(db: Kysely<Schema>, userId: string, id: string) {
  return db
    .updateTable('webhooks')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('deletedAt', 'is', null);
}
