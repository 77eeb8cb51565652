import type { Kysely } from 'kysely';
import type { ApiKey, ApiKeyType } from '../../domain/account.ts';
import type { Actor, Change } from '../../domain/audit.ts';
import type { ApiKeyListRequest } from '../contracts/api-keys.ts';
import type { Page } from '../contracts/page.ts';
import { record } from './audit.ts';
import { refuseMore } from './limits/account-limits.ts';
import { contains, is, type Listing, pageOf, type Reading } from './list-query.ts';
import type { ApiKeysTable, Schema } from './tables/schema.ts';

/** Implements `ApiKeyStore.create`. Must be called within a transaction. */
export async function createApiKey(
  db: Kysely<Schema>,
  key: ApiKey,
  most: number | null,
  by: Actor | null,
): Promise<void> {
  if (most !== null) {
    const { count } = await db
      .selectFrom('apiKeys')
      .where('userId', '=', key.userId)
      .select((e) => e.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    refuseMore(count, most, 'API keys');
  }
  await db.insertInto('apiKeys').values(key).execute();
  const { id: targetId, userId: accountId, createdAt: at } = key;
  await record(db, by, { at, accountId, action: 'api_key.created', targetId });
}

export async function listApiKeys(
  reading: Reading,
  userId: string,
  { type, search, ...request }: ApiKeyListRequest,
): Promise<Page<ApiKey>> {
  const listing: Listing<'apiKeys'> = {
    table: 'apiKeys',
    visited: (query) => query.where('userId', '=', userId),
    conditions: [
      ...(type === null ? [] : [is('type', type)]),
      ...(search === null ? [] : [contains('name', search)]),
    ],
  };
  const { rows, total } = await pageOf(reading, listing, request);
  return { items: rows.map(toApiKey), total };
}

export async function findApiKeyByPublicKey(db: Kysely<Schema>, publicKey: string): Promise<ApiKey | null> {
  const row = await db
    .selectFrom('apiKeys')
    .selectAll()
    .where('publicKey', '=', publicKey)
    .executeTakeFirst();
  return row ? toApiKey(row) : null;
}

export async function findApiKeyById(db: Kysely<Schema>, userId: string, id: string): Promise<ApiKey | null> {
  const row = await db
    .selectFrom('apiKeys')
    .selectAll()
    .where('userId', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? toApiKey(row) : null;
}

export async function renameApiKey(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  name: string,
  { at, by }: Change,
): Promise<boolean> {
  const before = await db
    .selectFrom('apiKeys')
    .select('name')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!before) return false;
  await db
    .updateTable('apiKeys')
    .set({ name, updatedAt: at })
    .where('userId', '=', userId)
    .where('id', '=', id)
    .execute();
  if (before.name === name) return true;
  const changed = ['name'];
  await record(db, by, { at, accountId: userId, action: 'api_key.updated', targetId: id, changed });
  return true;
}

export async function deleteApiKey(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  { at, by }: Change,
): Promise<ApiKey | null> {
  const row = await db
    .deleteFrom('apiKeys')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!row) return null;
  await record(db, by, { at, accountId: userId, action: 'api_key.deleted', targetId: id });
  return toApiKey(row);
}

export async function touchApiKeys(
  db: Kysely<Schema>,
  uses: readonly { id: string; at: number }[],
): Promise<void> {
  for (const { id, at } of uses) {
    await db
      .updateTable('apiKeys')
      .set({ lastRequestedAt: at })
      .where('id', '=', id)
      .where((e) => e.or([e('lastRequestedAt', 'is', null), e('lastRequestedAt', '<', at)]))
      .execute();
  }
}

function toApiKey(row: ApiKeysTable): ApiKey {
  return { ...row, type: row.type as ApiKeyType };
}
