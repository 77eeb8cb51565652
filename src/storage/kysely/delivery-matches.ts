import { type Kysely, sql } from 'kysely';
import type { DeliveryListRequest } from '../contracts/deliveries.ts';
import type { Cursor } from '../contracts/page.ts';
import { laneOf } from './tables/delivery-keys.ts';
import type { Schema } from './tables/schema.ts';

/**
 * Finds the deliveries of one page of a list, whatever the filter and however many deliveries are stored. Each
 * function reads a limited number of rows along an index. Where the limit ends a search, the next page
 * continues.
 */

/** Deliveries of one account that a page may contain. */
export interface Search extends DeliveryListRequest {
  readonly userId: string;
  /** `null`: deliveries of all webhooks of the account. */
  readonly webhookId: string | null;
}

/** Numbers of the deliveries of a page, newest first. */
export interface Matches {
  readonly seqs: readonly number[];
  /** `null`: no other delivery matches. */
  readonly next: Cursor | null;
}

/**
 * Deliveries that a search has found. All matching deliveries with the number `floor` or a higher number are
 * among them. `null`: all matching deliveries are among them.
 */
interface Found {
  readonly seqs: readonly number[];
  readonly floor: number | null;
}

/** A webhook, and the number of its newest delivery that a page may contain. */
interface Source {
  readonly seq: number;
  readonly newest: number;
  readonly deletedAt: number | null;
}

/**
 * Maximum number of deliveries that one page reads to find those that match a filter. Reading that many rows
 * takes some 10 ms.
 */
const MAX_READ = 2_000;
/** Maximum number of pending deliveries that are searched without regard to their order. */
const MAX_PENDING = 5_000;
/**
 * Maximum number of webhooks whose newest deliveries are compared. The deliveries of an account with more
 * webhooks are searched among those of all accounts.
 */
const MAX_WEBHOOKS = 2_000;
/** Maximum number of webhooks from which the deliveries of one page come. */
const MAX_SOURCES = 100;
/** Maximum number of ranges in which one page searches for deliveries of a media: 16 million deliveries. */
const MAX_RANGES = 16_000;
/** Maximum number of ranges from which one page reads deliveries. */
const MAX_READ_RANGES = 50;

/** A number that is greater than the number of every delivery. */
const AFTER_ALL = Number.MAX_SAFE_INTEGER;

/**
 * Number of a range of 1,024 deliveries. The index `deliveries_of_media` begins with this expression, so that
 * new deliveries enter only its last pages.
 */
const RANGE = sql<number>`deliveries.seq >> 10`;
const RANGE_SIZE = 1_024;

/**
 * Conditions of partial indexes. The SQL contains the values themselves instead of parameters, because a
 * partial index is not used with a parameter.
 */
const IS_PENDING = sql<boolean>`deliveries.state = 'pending'`;
const IS_FAILED = sql<boolean>`deliveries.state = 'failed'`;

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

/**
 * Returns the webhooks that have deliveries below the number `before`. The webhook with the newest delivery is
 * first. Returns null when the account has too many webhooks to compare them.
 */
async function sourcesOf(db: Kysely<Schema>, search: Search, before: number): Promise<Source[] | null> {
  let newest = db
    .selectFrom('deliveries')
    .select('deliveries.seq')
    .where('deliveries.webhookSeq', '=', sql<number>`webhooks.seq`)
    .where('deliveries.seq', '<', before)
    .orderBy('deliveries.seq', 'desc')
    .limit(1);
  if (search.state === 'failed') newest = newest.where(IS_FAILED);
  let webhooks = db.selectFrom('webhooks').where('userId', '=', search.userId);
  if (search.webhookId !== null) webhooks = webhooks.where('id', '=', search.webhookId);
  const rows = await webhooks
    .select(['webhooks.seq', 'webhooks.deletedAt', newest.as('newest')])
    .limit(MAX_WEBHOOKS + 1)
    .execute();
  if (rows.length > MAX_WEBHOOKS) return null;
  const sources = rows.flatMap((row) => (row.newest === null ? [] : [{ ...row, newest: row.newest }]));
  return sources.toSorted((a, b) => b.newest - a.newest);
}

/**
 * Merges the deliveries of several webhooks. Visits the webhooks in the order of their newest deliveries, and
 * stops as soon as no other webhook can have a delivery on the page.
 */
async function ofSources(
  db: Kysely<Schema>,
  search: Search,
  { sources, before }: { readonly sources: readonly Source[]; readonly before: number },
): Promise<Found> {
  const wanted = search.limit + 1;
  const share = Math.ceil(MAX_READ / Math.min(sources.length, MAX_SOURCES));
  const limit = isExact(search) ? wanted : Math.max(wanted, share);
  const found: number[] = [];
  let floor: number | null = null;
  for (const [nth, source] of sources.entries()) {
    const isFull = found.filter((seq) => seq > source.newest).length >= wanted;
    if (isFull || nth === MAX_SOURCES || source.newest < (floor ?? 0)) {
      floor = Math.max(floor ?? 0, source.newest + 1);
      break;
    }
    const part = await ofWebhook(db, search, { source, before, limit });
    found.push(...part.seqs);
    if (part.floor !== null) floor = Math.max(floor ?? 0, part.floor);
  }
  return newestFirst(found, floor);
}

function newestFirst(found: readonly number[], floor: number | null): Found {
  const seqs = found.filter((seq) => floor === null || seq >= floor).toSorted((a, b) => b - a);
  return { seqs, floor };
}

interface Stretch {
  readonly source: Source;
  readonly before: number;
  /** Maximum number of rows to read. */
  readonly limit: number;
}

/** Reads the newest deliveries of one webhook. */
async function ofWebhook(
  db: Kysely<Schema>,
  search: Search,
  { source, before, limit }: Stretch,
): Promise<Found> {
  let query = db
    .selectFrom('deliveries')
    .where('deliveries.webhookSeq', '=', source.seq)
    .where('deliveries.seq', '<', before)
    .orderBy('deliveries.seq', 'desc')
    .limit(limit);
  if (search.state === 'failed') query = query.where(IS_FAILED);
  if (isExact(search)) return matching(await query.select('deliveries.seq').execute(), search, limit);
  const rows = await query.select(['deliveries.seq', 'deliveries.state', 'deliveries.eventType']).execute();
  const { deletedAt } = source;
  return matching(
    rows.map((row) => ({ ...row, deletedAt })),
    search,
    limit,
  );
}

/** Returns whether an index contains exactly the deliveries that match, so that their rows need not be read. */
function isExact({ state, event }: Search): boolean {
  return event === null && (state === null || state === 'failed');
}

/** The columns by which rows are filtered. A column that is left out does not filter. */
interface FilteredRow {
  readonly seq: number;
  readonly state?: string;
  readonly eventType?: string;
  /** When the webhook was deleted. */
  readonly deletedAt?: number | null;
}

/** Returns the rows that match the search. `rows` are all the rows that exist, unless they are `limit` rows. */
function matching(rows: readonly FilteredRow[], { state, event }: Search, limit: number): Found {
  const seqs = rows
    .filter((row) => state === null || row.state === undefined || shownState(row) === state)
    .filter((row) => event === null || row.eventType === undefined || row.eventType === event)
    .map(({ seq }) => seq);
  return { seqs, floor: rows.length < limit ? null : (rows.at(-1)?.seq ?? null) };
}

/**
 * Returns the state with which a delivery is shown. A pending delivery of a deleted webhook is shown as
 * cancelled, because the deletion cancels many deliveries step by step.
 */
function shownState({ state, deletedAt = null }: FilteredRow): string | undefined {
  return state === 'pending' && deletedAt !== null ? 'cancelled' : state;
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

/**
 * Finds the deliveries of one media, range by range, newest first. Deliveries of other accounts may have the
 * same lane, because publishers choose the ids of their media.
 */
async function ofMedia(
  db: Kysely<Schema>,
  search: Search & { readonly mediaId: string },
  before: number,
): Promise<Found> {
  const newest = await numberAt(db, 'desc', before);
  const oldest = await numberAt(db, 'asc', before);
  if (newest === null || oldest === null) return { seqs: [], floor: null };
  const lane = laneOf(search.mediaId);
  const last = Math.floor(oldest / RANGE_SIZE);
  const first = Math.floor(newest / RANGE_SIZE);
  const end = Math.max(last, first - MAX_RANGES + 1);
  const ranges = await rangesWith(db, { lane, before, first, end });
  const seqs: number[] = [];
  let left = MAX_READ;
  for (const range of ranges.slice(0, MAX_READ_RANGES)) {
    const low = range * RANGE_SIZE;
    const read = await inLane(db, { range, lane, before, limit: left });
    left -= read.length;
    const floor = left === 0 ? (read.at(-1) ?? low) : null;
    seqs.push(...(await ofLane(db, search, { range, lane, before, from: floor ?? low })));
    if (floor !== null || seqs.length > search.limit) return { seqs, floor: floor ?? low };
  }
  const [next] = ranges.slice(MAX_READ_RANGES);
  if (next !== undefined) return { seqs, floor: (next + 1) * RANGE_SIZE };
  return { seqs, floor: end > last ? end * RANGE_SIZE : null };
}

interface Ranges {
  readonly lane: number;
  readonly before: number;
  readonly first: number;
  /** The last range, whose number is not greater than that of the first one. */
  readonly end: number;
}

/** Returns the ranges that contain deliveries of a lane, newest first: one more than are read at most. */
async function rangesWith(db: Kysely<Schema>, { lane, before, first, end }: Ranges): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    with recursive ranges (number) as (
      select ${first} union all select number - 1 from ranges where number > ${end})
    select number from ranges
    where exists (
      select 1 from deliveries
      where (${RANGE}) = ranges.number and deliveries.lane = ${lane} and deliveries.seq < ${before})
    limit ${MAX_READ_RANGES + 1}`.execute(db);
  return rows.map(({ number }) => number);
}

/** Returns the lowest or the highest number of a delivery below `before`. */
async function numberAt(db: Kysely<Schema>, order: 'asc' | 'desc', before: number): Promise<number | null> {
  const query = db.selectFrom('deliveries').select('seq').where('seq', '<', before);
  return (await query.orderBy('seq', order).limit(1).executeTakeFirst())?.seq ?? null;
}

interface LaneRange {
  readonly range: number;
  readonly lane: number;
  readonly before: number;
}

/** Returns the numbers of the deliveries of a lane in one range. Reads only the index. */
async function inLane(
  db: Kysely<Schema>,
  { range, lane, before, limit }: LaneRange & { readonly limit: number },
): Promise<number[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select('deliveries.seq')
    .where(RANGE, '=', range)
    .where('deliveries.lane', '=', lane)
    .where('deliveries.seq', '<', before)
    .orderBy('deliveries.seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ seq }) => seq);
}

/** Returns the numbers of the deliveries in one range that match the search, newest first. */
async function ofLane(
  db: Kysely<Schema>,
  search: Search & { readonly mediaId: string },
  { range, lane, before, from }: LaneRange & { readonly from: number },
): Promise<number[]> {
  let query = db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.seq', 'deliveries.eventSeq')
    .innerJoin('webhooks', 'webhooks.seq', 'deliveries.webhookSeq')
    .select(['deliveries.seq', 'deliveries.state', 'deliveries.eventType', 'webhooks.deletedAt'])
    .where(RANGE, '=', range)
    .where('deliveries.lane', '=', lane)
    .where('deliveries.seq', '<', before)
    .where('deliveries.seq', '>=', from)
    .where('events.mediaId', '=', search.mediaId)
    .where('webhooks.userId', '=', search.userId)
    .orderBy('deliveries.seq', 'desc');
  if (search.webhookId !== null) query = query.where('webhooks.id', '=', search.webhookId);
  return [...matching(await query.execute(), search, AFTER_ALL).seqs];
}
