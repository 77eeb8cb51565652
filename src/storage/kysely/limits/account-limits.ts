import { type Kysely, sql } from 'kysely';
import { ServiceError } from '../../../domain/errors.ts';
import type { Reservation } from '../../contracts/media.ts';
import type { MediaTable, Schema } from '../tables/schema.ts';

/** Advice in the error message of each limit: what the account can do to have fewer objects. */
const ADVICE = {
  webhooks: 'remove one that is not needed',
  'API keys': 'remove one that is not needed',
  'open uploads': 'complete one, or delete its media',
  'unfinished media': 'wait until the encoding of one has ended, or delete one',
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

/** Returns the number of the account's media that were received and whose encoding has not ended. */
export async function unfinishedMediaOf(db: Kysely<Schema>, userId: string): Promise<number> {
  const { count } = await db
    .selectFrom('media')
    .where('userId', '=', userId)
    .where(sql<boolean>`status in ('new', 'transcoding')`)
    .where('receivedAt', 'is not', null)
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
  const more = moreBytes(bytes, media.keptBytes);
  if (more === 0) return;
  const kept = await bytesKept(db, media.userId);
  if (kept + more > most) {
    throw new ServiceError(
      'limit_reached',
      `the account keeps ${kept} bytes of media, and may keep ${most}: ${more} more do not fit; delete media that are not needed`,
    );
  }
  if ('room' in bytes) return;
  const keptBytes = media.keptBytes + more;
  await db.updateTable('media').set({ keptBytes }).where('id', '=', id).execute();
}

function moreBytes(bytes: Reservation, keptBytes: number): number {
  if ('room' in bytes) return bytes.room;
  return 'more' in bytes ? bytes.more : Math.max(0, bytes.atLeast - keptBytes);
}

async function bytesKept(db: Kysely<Schema>, userId: string): Promise<number> {
  const usage = await db
    .selectFrom('accountUsage')
    .select('keptBytes')
    .where('userId', '=', userId)
    .executeTakeFirst();
  return usage?.keptBytes ?? 0;
}

/** Adds bytes to the usage of an account. A negative number subtracts bytes. */
export async function charge(db: Kysely<Schema>, userId: string, bytes: number): Promise<void> {
  if (bytes === 0) return;
  await db
    .insertInto('recordUsage')
    .values({ userId, bytes: Math.max(0, bytes) })
    .onConflict((conflict) =>
      conflict.column('userId').doUpdateSet({
        bytes: sql<number>`case when record_usage.bytes + ${bytes} > 0 then record_usage.bytes + ${bytes} else 0 end`,
      }),
    )
    .execute();
}

/** Subtracts the bytes of removed rows from the usage of their accounts. */
export async function discharge(
  db: Kysely<Schema>,
  removed: readonly { readonly userId: string | null; readonly chargedBytes: number }[],
): Promise<void> {
  for (const [userId, rows] of Map.groupBy(removed, (row) => row.userId)) {
    if (userId !== null) await charge(db, userId, -rows.reduce((sum, row) => sum + row.chargedBytes, 0));
  }
}

/** Implements `AccountStore.usage`. */
export async function usageOf(db: Kysely<Schema>, userId: string): Promise<number> {
  const row = await db
    .selectFrom('recordUsage')
    .select('bytes')
    .where('userId', '=', userId)
    .executeTakeFirst();
  return row?.bytes ?? 0;
}

/** Returns the number of bytes of the texts of a media that can be long. */
export function textBytes({ title, description, tags, metadata, notes }: TextsOfMedia): number {
  return [title, description, tags, metadata, notes].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

type TextsOfMedia = Pick<MediaTable, 'title' | 'description' | 'tags' | 'metadata' | 'notes'>;
