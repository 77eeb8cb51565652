import { type Kysely, sql } from 'kysely';
import type { MetadataEntry } from '../../domain/media.ts';
import type { MediaListRequest, MediaPage, MediaPart } from '../contracts/media.ts';
import { type Check, contains, idsOf, is, type Listing, type Reading, rowsOf } from './list-query.ts';
import { isPresent, withQualities } from './media.ts';
import type { Schema } from './tables/schema.ts';

export async function listMedia(
  reading: Reading,
  userId: string,
  request: MediaListRequest,
): Promise<MediaPage> {
  const { search, statuses, type } = request;
  const check = checkOf(request);
  const listing: Listing<'media'> = {
    table: 'media',
    visited: (query) => query.where('userId', '=', userId).where(isPresent),
    conditions: [
      ...(search === null ? [] : [contains('title', search)]),
      ...(statuses.length === 0 ? [] : [sql<boolean>`${sql.ref('status')} in (${sql.join(statuses)})`]),
      ...(type === null ? [] : [is('type', type)]),
    ],
    ...(check && { check }),
  };
  const { ids, total } = await idsOf(reading, listing, request);
  return { ...(await findSomeMedia(reading.db, userId, ids)), total };
}

/**
 * Maximum bytes of the tags and metadata in one answer, plus `BYTES_OF_MEDIA` for each media. The main thread
 * receives such an answer, and makes JSON of it, in about a millisecond.
 */
const MAX_BYTES = 64 * 1024;
/** Bytes for which a media counts in addition to its tags and metadata. */
const BYTES_OF_MEDIA = 512;

/** Implements `MediaStore.findSome`. */
export async function findSomeMedia(
  db: Kysely<Schema>,
  userId: string,
  ids: readonly string[],
): Promise<MediaPart> {
  if (ids.length === 0) return { items: [], rest: [] };
  const sizes = await db
    .selectFrom('media')
    .select(['id', sql<number>`octet_length(tags) + octet_length(metadata)`.as('bytes')])
    .where('id', 'in', ids)
    .where('userId', '=', userId)
    .where(isPresent)
    .execute();
  const count = countWithin(ids, new Map(sizes.map(({ id, bytes }) => [id, bytes])));
  const present = new Set(sizes.map(({ id }) => id));
  const some = ids.slice(0, count).filter((id) => present.has(id));
  return { items: await withQualities(db, await rowsOf(db, 'media', some)), rest: ids.slice(count) };
}

/** Returns how many of the first media fit into one answer. At least one always fits. */
function countWithin(ids: readonly string[], bytes: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const [count, id] of ids.entries()) {
    total += (bytes.get(id) ?? 0) + BYTES_OF_MEDIA;
    if (count > 0 && total > MAX_BYTES) return count;
  }
  return ids.length;
}

/**
 * Returns the check of tags and metadata. `null`: the request asks for neither. The lists are parsed once for
 * each row, however many tags and entries are asked for.
 */
function checkOf({ tags, metadata }: MediaListRequest): Check | null {
  if (tags.length === 0 && metadata.length === 0) return null;
  const entries = new Set(metadata.map(entryName));
  const hasTags = (json: unknown) => new Set(tags).isSubsetOf(new Set(JSON.parse(String(json))));
  const hasEntries = (json: unknown) => {
    const present: readonly MetadataEntry[] = JSON.parse(String(json));
    return entries.isSubsetOf(new Set(present.map(entryName)));
  };
  return {
    columns: [...(tags.length > 0 ? ['tags'] : []), ...(metadata.length > 0 ? ['metadata'] : [])],
    matches: (row) =>
      (tags.length === 0 || hasTags(row.tags)) && (metadata.length === 0 || hasEntries(row.metadata)),
  };
}

/** Returns a text that is the same for equal entries only. */
function entryName({ key, value }: MetadataEntry): string {
  return `${key.length} ${key}${value}`;
}
