import { type Kysely, sql } from 'kysely';
import type { Actor, Change } from '../../domain/audit.ts';
import type {
  AudioCodec,
  ContainerType,
  Media,
  MediaChanges,
  MediaStatus,
  MediaType,
  Quality,
  QualityName,
  QualityStatus,
  StreamType,
  VideoCodec,
} from '../../domain/media.ts';
import type { MediaStepList, MostMedia, ProbedFacts, UnfinishedPage } from '../contracts/media.ts';
import type { Cursor } from '../contracts/page.ts';
import { changedColumns, record } from './audit.ts';
import { charge, openUploads, refuseMore, textBytes, unfinishedMediaOf } from './limits/account-limits.ts';
import { chunksOf } from './list-query.ts';
import { ROW_BYTES } from './tables/row-bytes.ts';
import type { MediaQualitiesTable, MediaTable, Schema } from './tables/schema.ts';

/**
 * Condition that a media was not deleted. The SQL contains the value itself instead of a parameter, because a
 * partial index is not used with a parameter.
 */
export const isPresent = sql<boolean>`status <> 'deleted'`;

/** Implements `MediaStore.create`. Must be called within a transaction. */
export async function createMedia(
  db: Kysely<Schema>,
  media: Media,
  most: MostMedia | null,
  by: Actor | null,
): Promise<void> {
  const { open = null, unfinished = null } = most ?? {};
  if (open !== null) refuseMore(await openUploads(db, media.userId), open, 'open uploads');
  if (unfinished !== null)
    refuseMore(await unfinishedMediaOf(db, media.userId), unfinished, 'unfinished media');
  const { qualities, ...columns } = media;
  const texts = {
    tags: JSON.stringify(media.tags),
    metadata: JSON.stringify(media.metadata),
    notes: JSON.stringify(media.notes),
  };
  const chargedBytes =
    ROW_BYTES.media + qualities.length * ROW_BYTES.quality + textBytes({ ...media, ...texts });
  await db
    .insertInto('media')
    .values({
      ...columns,
      ...texts,
      chargedBytes,
      ...NO_FILES,
      isPublic: Number(media.isPublic),
      isMp4: Number(media.isMp4),
      hasThumbnail: Number(media.hasThumbnail),
      hasTakenThumbnail: Number(media.hasTakenThumbnail),
      hasDefaultQualities: Number(media.hasDefaultQualities),
    })
    .execute();
  await charge(db, media.userId, chargedBytes);
  const rows = qualities.map((quality) => ({ mediaId: media.id, ...quality }));
  if (rows.length > 0) await db.insertInto('mediaQualities').values(rows).execute();
  const { id: targetId, userId: accountId, createdAt: at } = media;
  await record(db, by, { at, accountId, action: 'media.created', targetId });
}

export async function findMedia(db: Kysely<Schema>, id: string, userId?: string): Promise<Media | null> {
  let query = db.selectFrom('media').where('id', '=', id).where('status', '<>', 'deleted');
  if (userId !== undefined) query = query.where('userId', '=', userId);
  return (await withQualities(db, await query.selectAll().execute()))[0] ?? null;
}

export async function updateMedia(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  { isPublic, tags, metadata, ...same }: MediaChanges,
  { at, by }: Change,
): Promise<boolean> {
  const columns = {
    ...same,
    ...(isPublic === undefined ? {} : { isPublic: Number(isPublic) }),
    ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
    ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
  };
  const before = await changeMedia(db, userId, id, { ...columns, updatedAt: at });
  if (!before) return false;
  await chargeTexts(db, before, columns);
  const changed = changedColumns(before, columns);
  if (changed.length > 0)
    await record(db, by, { at, accountId: userId, action: 'media.updated', targetId: id, changed });
  return true;
}

export async function setThumbnail(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  hasThumbnail: boolean,
  { at, by }: Change,
): Promise<boolean> {
  const before = await changeMedia(db, userId, id, { hasThumbnail: Number(hasThumbnail), updatedAt: at });
  if (!before) return false;
  // Setting a thumbnail is a change even if the media already has one, because the new picture is different.
  if (!hasThumbnail && before.hasThumbnail === 0) return true;
  const action = hasThumbnail ? 'media.thumbnail_set' : 'media.thumbnail_removed';
  await record(db, by, { at, accountId: userId, action, targetId: id });
  return true;
}

/** Columns of a media that has no encoded files and no custom thumbnail. */
const NO_FILES = { encodedBytes: 0, thumbnailBytes: 0, unmeasured: 0 } as const;

/** Columns of a deleted media: nothing of what the account wrote stays. */
const NOTHING_KEPT = {
  ...NO_FILES,
  title: '',
  description: '',
  tags: '[]',
  metadata: '[]',
  error: null,
  notes: '[]',
} as const;

export async function deleteMedia(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  { at, by }: Change,
): Promise<boolean> {
  // The row is replaced and not updated, because SQLite leaves the space of a row that became shorter unused.
  const before = await db
    .deleteFrom('media')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('status', '<>', 'deleted')
    .returningAll()
    .executeTakeFirst();
  if (!before) return false;
  await db
    .insertInto('media')
    .values({ ...before, ...NOTHING_KEPT, status: 'deleted', updatedAt: at })
    .execute();
  await chargeMedia(db, before, ROW_BYTES.deletedMedia);
  await db.deleteFrom('mediaQualities').where('mediaId', '=', id).execute();
  await record(db, by, { at, accountId: userId, action: 'media.deleted', targetId: id });
  return true;
}

/** Counts the bytes by which changed texts are longer or shorter than they were `before`. */
async function chargeTexts(
  db: Kysely<Schema>,
  before: MediaTable,
  changed: Partial<MediaTable>,
): Promise<void> {
  const moreBytes = textBytes({ ...before, ...changed }) - textBytes(before);
  if (moreBytes !== 0) await chargeMedia(db, before, Math.max(0, before.chargedBytes + moreBytes));
}

/** Changes the number of bytes that a media counts in the usage of its account. */
async function chargeMedia(
  db: Kysely<Schema>,
  { id, userId, chargedBytes: before }: Pick<MediaTable, 'id' | 'userId' | 'chargedBytes'>,
  chargedBytes: number,
): Promise<void> {
  await db.updateTable('media').set({ chargedBytes }).where('id', '=', id).execute();
  await charge(db, userId, chargedBytes - before);
}

/**
 * Changes columns of a media. Returns the row as it was before the change; undefined when the account has no
 * such media.
 */
async function changeMedia(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  columns: Partial<MediaTable>,
): Promise<MediaTable | undefined> {
  const before = await db
    .selectFrom('media')
    .selectAll()
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('status', '<>', 'deleted')
    .executeTakeFirst();
  if (before) await db.updateTable('media').set(columns).where('id', '=', id).execute();
  return before;
}

export async function unfinishedMedia(
  db: Kysely<Schema>,
  after: Cursor | null,
  { limit, userId }: { readonly limit: number; readonly userId: string | undefined },
): Promise<UnfinishedPage> {
  let query = db
    .selectFrom('media')
    .select(['id', 'userId', 'receivedAt'])
    .where(sql<boolean>`status in ('new', 'transcoding')`)
    .where('receivedAt', 'is not', null);
  if (userId !== undefined) query = query.where('userId', '=', userId);
  if (after !== null) {
    const [receivedAt, id] = JSON.parse(after) as [number, string];
    query = query.where(sql<boolean>`(received_at, id) > (${receivedAt}, ${id})`);
  }
  const rows = await query.orderBy('receivedAt').orderBy('id').limit(limit).execute();
  const last = rows.at(-1);
  return {
    media: rows.map(({ id, userId }) => ({ id, userId })),
    after: last && rows.length === limit ? JSON.stringify([last.receivedAt, last.id]) : null,
  };
}

/** Implements `MediaStore.all`. A cursor is the id of a media. */
export async function allMedia(
  db: Kysely<Schema>,
  { after, limit }: { readonly after: Cursor | null; readonly limit: number },
): Promise<MediaStepList> {
  const rows = await db
    .selectFrom('media')
    .selectAll()
    .where('id', '>', after ?? '')
    .where('status', '<>', 'deleted')
    .orderBy('id')
    .limit(limit)
    .execute();
  const last = rows.at(-1);
  return { items: await withQualities(db, rows), after: last && rows.length === limit ? last.id : null };
}

export async function mediaStatuses(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<{ id: string; status: MediaStatus }[]> {
  const statuses: { id: string; status: MediaStatus }[] = [];
  for (const some of chunksOf(ids)) {
    const rows = await db.selectFrom('media').select(['id', 'status']).where('id', 'in', some).execute();
    for (const { id, status } of rows) statuses.push({ id, status: status as MediaStatus });
  }
  return statuses;
}

export async function saveProbe(
  db: Kysely<Schema>,
  id: string,
  { hasTakenThumbnail, notes, ...same }: ProbedFacts,
  now: number,
): Promise<void> {
  const columns = { ...same, notes: JSON.stringify(notes), hasTakenThumbnail: Number(hasTakenThumbnail) };
  const before = await db
    .selectFrom('media')
    .selectAll()
    .where('id', '=', id)
    .where('status', '<>', 'deleted')
    .executeTakeFirst();
  if (!before) return;
  await db
    .updateTable('media')
    .set({ ...columns, updatedAt: now })
    .where('id', '=', id)
    .execute();
  await chargeTexts(db, before, columns);
}

export async function moveQuality(
  db: Kysely<Schema>,
  id: string,
  position: number,
  status: 'transcoding' | 'fail',
  now: number,
): Promise<void> {
  await db
    .updateTable('mediaQualities')
    .set({ status })
    .where('mediaId', '=', id)
    .where('position', '=', position)
    .where('status', 'in', ['waiting', 'transcoding'])
    .execute();
  await db.updateTable('media').set({ updatedAt: now }).where('id', '=', id).execute();
}

export async function withQualities(db: Kysely<Schema>, rows: readonly MediaTable[]): Promise<Media[]> {
  const qualities: MediaQualitiesTable[] = [];
  for (const ids of chunksOf(rows.map((row) => row.id))) {
    const some = await db
      .selectFrom('mediaQualities')
      .selectAll()
      .where('mediaId', 'in', ids)
      .orderBy('mediaId')
      .orderBy('position')
      .execute();
    qualities.push(...some);
  }
  const byMedia = Map.groupBy(qualities, (quality) => quality.mediaId);
  return rows.map((row) => toMedia(row, byMedia.get(row.id) ?? []));
}

function toMedia(columns: MediaTable, qualities: readonly MediaQualitiesTable[]): Media {
  const { chargedBytes: _, encodedBytes: _encoded, thumbnailBytes: _thumbnail, unmeasured, ...row } = columns;
  return {
    ...row,
    type: row.type as MediaType,
    status: row.status as MediaStatus,
    isPublic: row.isPublic === 1,
    isMp4: row.isMp4 === 1,
    hasThumbnail: row.hasThumbnail === 1,
    hasTakenThumbnail: row.hasTakenThumbnail === 1,
    hasDefaultQualities: row.hasDefaultQualities === 1,
    tags: JSON.parse(row.tags),
    metadata: JSON.parse(row.metadata),
    notes: JSON.parse(row.notes),
    qualities: qualities.map(toQuality),
  };
}

function toQuality({ mediaId: _, ...row }: MediaQualitiesTable): Quality {
  return {
    ...row,
    resolution: row.resolution as QualityName,
    type: row.type as StreamType,
    containerType: row.containerType as ContainerType,
    videoCodec: row.videoCodec as VideoCodec,
    audioCodec: row.audioCodec as AudioCodec,
    status: row.status as QualityStatus,
  };
}
