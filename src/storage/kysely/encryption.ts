import type { Kysely } from 'kysely';
import type { Change } from '../../domain/audit.ts';
import type { ResealStep } from '../contracts/encryption.ts';
import type { Cursor } from '../contracts/page.ts';
import { EncryptionKeyError, type KeyRing, keyIdOfSealed } from '../encryption/key-ring.ts';
import type { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { record } from './audit.ts';
import type { Schema } from './tables/schema.ts';

/**
 * Checks that the key ring has all keys that the database uses, and records the current key as one of them.
 * @throws EncryptionKeyError when the key ring does not have a key that the database uses
 */
export async function admitKeys(db: Kysely<Schema>, ring: KeyRing): Promise<void> {
  const inUse = await db.selectFrom('encryptionKeys').select('id').orderBy('id').execute();
  const missing = inUse.find(({ id }) => !ring.has(id));
  if (missing) {
    throw new EncryptionKeyError(
      `the database is encrypted with the key ${missing.id}, and that key is not given`,
    );
  }
  if (inUse.some(({ id }) => id === ring.currentId)) return;
  await db.insertInto('encryptionKeys').values({ id: ring.currentId }).execute();
}

/** Implements `EncryptionStore.reseal`. */
export async function resealCredentials(
  db: Kysely<Schema>,
  { ring, credentials }: { ring: KeyRing; credentials: SealedCredentials },
  { after, limit }: { readonly after: Cursor | null; readonly limit: number },
): Promise<ResealStep> {
  const rows = await db
    .selectFrom('webhooks')
    .select(['seq', 'id', 'credentials'])
    .where('seq', '>', after === null ? 0 : Number(after))
    .orderBy('seq')
    .limit(limit)
    .execute();
  let resealed = 0;
  for (const { seq, id, credentials: sealed } of rows) {
    if (sealed === '' || keyIdOfSealed(sealed) === ring.currentId) continue;
    await db
      .updateTable('webhooks')
      .set({ credentials: credentials.reseal(id, sealed) })
      .where('seq', '=', seq)
      .execute();
    resealed += 1;
  }
  const last = rows.at(-1);
  return { resealed, after: last && rows.length === limit ? String(last.seq) : null };
}

/** Implements `EncryptionStore.retireKeys`. */
export async function retireKeys(
  db: Kysely<Schema>,
  ring: KeyRing,
  { at, by }: Change,
): Promise<string[] | null> {
  const left = await db
    .selectFrom('webhooks')
    .select('seq')
    .where('credentials', '<>', '')
    .where('credentials', 'not like', `%.${ring.currentId}.%`)
    .limit(1)
    .executeTakeFirst();
  if (left) return null;
  const retired = await db
    .deleteFrom('encryptionKeys')
    .where('id', '<>', ring.currentId)
    .returning('id')
    .execute();
  if (retired.length > 0)
    await record(db, by, {
      at,
      accountId: null,
      action: 'encryption_key.rotated',
      targetId: ring.currentId,
    });
  return retired.map(({ id }) => id);
}
