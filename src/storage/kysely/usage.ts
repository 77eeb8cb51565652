import { type Kysely, type SqlBool, sql } from 'kysely';
import { ServiceError } from '../../domain/errors.ts';
import type { Cursor } from '../contracts/page.ts';
import type { EncodedBytes, UnmeasuredMedia, UnmeasuredPage } from '../contracts/usage.ts';
import { isPresent } from './media.ts';
import type { MediaTable, Schema } from './tables/schema.ts';

/** Values whose sum is in the column `unmeasured` of a media. */
const UNMEASURED = { encodedBytes: 1, thumbnailBytes: 2 } as const;

type FileColumn = keyof typeof UNMEASURED;

interface FileChange {
  readonly column: FileColumn;
  readonly bytes: number;
  /** Account that must own the media. Left out: any. */
  readonly userId?: string;
}

/** Implements `UsageStore.encoded`. */
export async function encodedUsage(db: Kysely<Schema>, userId: string): Promise<number> {
  const row = await db
    .selectFrom('accountUsage')
    .select('encodedBytes')
    .where('userId', '=', userId)
    .executeTakeFirst();
  return row?.encodedBytes ?? 0;
}

/**
 * Implements `UsageStore.reserveEncoded` and `UsageStore.reserveThumbnail`. Must be called within a transaction.
 */
export async function reserveFiles(
  db: Kysely<Schema>,
  id: string,
  { column, bytes, userId, most }: FileChange & { readonly most: number | null },
): Promise<void> {
  const media = await presentMedia(db, id, userId)
    .select(['userId', 'unmeasured', `${column} as counted`])
    .executeTakeFirst();
  if (!media) return;
  const more = bytes - media.counted;
  if (most !== null && more > 0) {
    const taken = await encodedUsage(db, media.userId);
    if (taken + more > most) throw noRoom(taken, more, most);
  }
  await setFiles(db, id, {
    [column]: media.counted + Math.max(0, more),
    unmeasured: media.unmeasured | UNMEASURED[column],
  });
}

/** Implements `UsageStore.saveEncoded` and `UsageStore.saveThumbnail`. Must be called within a transaction. */
export async function saveFiles(
  db: Kysely<Schema>,
  id: string,
  { column, bytes, userId }: FileChange,
): Promise<void> {
  const media = await presentMedia(db, id, userId).select('unmeasured').executeTakeFirst();
  if (media) await setFiles(db, id, { [column]: bytes, unmeasured: media.unmeasured & ~UNMEASURED[column] });
}

function presentMedia(db: Kysely<Schema>, id: string, userId?: string) {
  const query = db.selectFrom('media').where('id', '=', id).where(isPresent);
  return userId === undefined ? query : query.where('userId', '=', userId);
}

function noRoom(taken: number, more: number, most: number): ServiceError {
  return new ServiceError(
    'limit_reached',
    `the encoded files of the account take ${taken} bytes, and may take ${most}: up to ${more} more do not fit; delete media that are not needed`,
  );
}

async function setFiles(
  db: Kysely<Schema>,
  id: string,
  columns: Partial<Pick<MediaTable, FileColumn | 'unmeasured'>>,
): Promise<void> {
  await db.updateTable('media').set(columns).where('id', '=', id).execute();
}

/** Condition that the encoding of a media is queued or in progress. The job then measures the encoded files. */
const isEncoding = sql<SqlBool>`status in ('new', 'transcoding') and received_at is not null`;

/** Implements `UsageStore.unmeasured`. A cursor is the id of a media. */
export async function unmeasuredMedia(
  db: Kysely<Schema>,
  after: Cursor | null,
  limit: number,
): Promise<UnmeasuredPage> {
  const rows = await db
    .selectFrom('media')
    .select(['id', 'encodedBytes', 'thumbnailBytes', 'unmeasured', isEncoding.as('isEncoding')])
    .where('id', '>', after ?? '')
    // The SQL contains the condition of the partial index in the same words, so that the index is used.
    .where(sql<boolean>`unmeasured <> 0`)
    .where(isPresent)
    .orderBy('id')
    .limit(limit)
    .execute();
  const media = rows.map((row) => ({
    id: row.id,
    stored: { encoded: row.encodedBytes, thumbnail: row.thumbnailBytes },
    needsEncoded: (row.unmeasured & UNMEASURED.encodedBytes) !== 0 && !row.isEncoding,
    needsThumbnail: (row.unmeasured & UNMEASURED.thumbnailBytes) !== 0,
  }));
  return { media, after: rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
}

/** Implements `UsageStore.saveMeasured`. Must be called within a transaction. */
export async function saveMeasured(
  db: Kysely<Schema>,
  { id, stored, needsEncoded, needsThumbnail }: UnmeasuredMedia,
  measured: EncodedBytes,
): Promise<void> {
  const media = await presentMedia(db, id)
    .select(['encodedBytes', 'thumbnailBytes', isEncoding.as('isEncoding')])
    .executeTakeFirst();
  if (!media) return;
  const isSame = media.encodedBytes === stored.encoded && media.thumbnailBytes === stored.thumbnail;
  if (!isSame || (needsEncoded && media.isEncoding)) return;
  if (needsEncoded) await saveFiles(db, id, { column: 'encodedBytes', bytes: measured.encoded });
  if (needsThumbnail) await saveFiles(db, id, { column: 'thumbnailBytes', bytes: measured.thumbnail });
}
