import { type Kysely, sql } from 'kysely';
import type { Cursor } from '../../contracts/page.ts';
import type { Schema } from '../tables/schema.ts';
import { ofSources, sourcesOf } from './among-webhooks.ts';
import { ofMedia } from './of-media.ts';
import { AFTER_ALL, type Found, MAX_READ, matching, newestFirst, type Search } from './search.ts';

/** Numbers of the deliveries of a page, newest first. */
export interface Matches {
  readonly seqs: readonly number[];
  /** `null`: no other delivery matches. */
  readonly next: Cursor | null;
}

/** Maximum number of pending deliveries that are searched without regard to their order. */
const MAX_PENDING = 5_000;
/**
 * Condition of a partial index. The SQL contains the value itself instead of a parameter, because a partial index is
 * not used with a parameter.
 */
const IS_PENDING = sql<boolean>`deliveries.state = 'pending'`;

/**
 * Finds the deliveries of one page of a list, whatever the filter and however many deliveries are stored. Each
 * search reads a limited number of rows along an index. Where the limit ends a search, the next page continues.
 */
export async function findMatches(db: Kysely<Schema>, search: Search): Promise<Matches> {
  const before = search.before === null ? AFTER_ALL : Number(search.before);
  const { seqs, floor } = await find(db, search, before);
  const page = seqs.slice(0, search.limit);
  if (page.length < seqs.length) return { seqs: page, next: String(page.at(-1)) };
  return { seqs: page, next: floor === null ? null : String(floor) };
}

async function find(db: Kysely<Schema>, search: Search, before: number): Promise<Found> {
  if (search.mediaId !== null) return ofMedia(db, { ...search, mediaId: search.mediaId }, before);
  const sources = await sourcesOf(db, search, before);
  if (sources === null) return amongAll(db, search, before);
  if (search.state === 'pending') {
    const found = await amongPending(db, search, before);
    if (found) return found;
  }
  return ofSources(db, search, { sources, before });
}

/** Finds all pending deliveries. Returns null when there are too many of them to sort them. */
async function amongPending(db: Kysely<Schema>, search: Search, before: number): Promise<Found | null> {
  let query = db
    .selectFrom('webhooks')
    .innerJoin('deliveries', 'deliveries.webhookSeq', 'webhooks.seq')
    .where('webhooks.userId', '=', search.userId)
    .where('webhooks.deletedAt', 'is', null)
    // Compares the lane, which is never negative, because the index of pending deliveries is sorted by lane.
    .where('deliveries.lane', '>=', 0)
    .where(IS_PENDING)
    .limit(MAX_PENDING + 1);
  if (search.webhookId !== null) query = query.where('webhooks.id', '=', search.webhookId);
  const rows =
    search.event === null
      ? await query.select('deliveries.seq').execute()
      : await query.select(['deliveries.seq', 'deliveries.eventType']).execute();
  if (rows.length > MAX_PENDING) return null;
  const { seqs } = matching(rows, search, MAX_PENDING + 1);
  return newestFirst(
    seqs.filter((seq) => seq < before),
    null,
  );
}

/** Reads the newest deliveries of all accounts, and returns those of one account. */
async function amongAll(db: Kysely<Schema>, search: Search, before: number): Promise<Found> {
  const read = db
    .selectFrom('deliveries')
    .select('seq')
    .where('seq', '<', before)
    .orderBy('seq', 'desc')
    .limit(1)
    .offset(MAX_READ - 1);
  const floor = (await read.executeTakeFirst())?.seq ?? null;
  const rows = await db
    .selectFrom('deliveries')
    .innerJoin('webhooks', 'webhooks.seq', 'deliveries.webhookSeq')
    .select(['deliveries.seq', 'deliveries.state', 'deliveries.eventType', 'webhooks.deletedAt'])
    .where('webhooks.userId', '=', search.userId)
    .where('deliveries.seq', '<', before)
    .where('deliveries.seq', '>=', floor ?? 0)
    .execute();
  return newestFirst(matching(rows, search, MAX_READ + 1).seqs, floor);
}
