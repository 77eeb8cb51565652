import { type Kysely, sql } from 'kysely';
import { ServiceError } from '../../domain/errors.ts';
import type { Reservation } from '../contracts/media.ts';
import type { Schema } from './tables/schema.ts';

/** Advice in the error message of each limit: what the account can do to have fewer objects. */
const ADVICE = {
  webhooks: 'remove one that is not needed',
  'API keys': 'remove one that is not needed',
  'open uploads': 'complete one, or delete its media',
} as const;

/** @throws ServiceError `limit_reached` when the account's number of objects (`count`) has reached `most` */
export function refuseMore(count: number, most: number, what: keyof typeof ADVICE): void {
  if (count < most) return;
  throw new ServiceError(
    'limit_reached',
    `the account has ${count} ${what}, and may have ${most}: ${ADVICE[what]}`,
  );
}

/** Returns the number of the account's media whose upload is not complete. */
export async function openUploads(db: Kysely<Schema>, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('media')
    .where('userId', '=', userId)
    .where(sql<boolean>`status = 'new'`)
    .where('receivedAt', 'is', null)
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** Implements `MediaStore.reserveBytes`. Must be called within a transaction. */
export async function reserveBytes(
  db: Kysely<Schema>,
  id: string,
  bytes: Reservation,
  most: number,
): Promise<void> {
  const media = await db
    .selectFrom('media')
    .select(['userId', 'keptBytes'])
    .where('id', '=', id)
    .where(sql<boolean>`status = 'new'`)
    .where('receivedAt', 'is', null)
    .executeTakeFirst();
  // The media was deleted, or its upload is complete. Neither is an error here, because the upload that
  // reserves the bytes detects both cases itself.
  if (!media) return;
  const wanted = 'more' in bytes ? media.keptBytes + bytes.more : Math.max(media.keptBytes, bytes.atLeast);
  const isCheck = 'more' in bytes && bytes.more === 0;
  if (wanted === media.keptBytes && !isCheck) return;
  const kept = await bytesKept(db, media.userId);
  const more = isCheck ? 1 : wanted - media.keptBytes;
  if (kept + more > most) {
    throw new ServiceError(
      'limit_reached',
      `the account keeps ${kept} bytes of media, and may keep ${most}: ${more} more do not fit; delete media that are not needed`,
    );
  }
  if (!isCheck) await db.updateTable('media').set({ keptBytes: wanted }).where('id', '=', id).execute();
}

async function bytesKept(db: Kysely<Schema>, userId: string): Promise<number> {
  const usage = await db
    .selectFrom('accountUsage')
    .select('keptBytes')
    .where('userId', '=', userId)
    .executeTakeFirst();
  return usage?.keptBytes ?? 0;
}
