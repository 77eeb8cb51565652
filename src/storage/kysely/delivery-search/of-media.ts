import { type Kysely, sql } from 'kysely';
import { laneOf } from '../tables/delivery-keys.ts';
import type { Schema } from '../tables/schema.ts';
import { AFTER_ALL, type Found, MAX_READ, matching, type Search } from './search.ts';

/** Maximum number of ranges in which one page searches for deliveries of a media: 16 million deliveries. */
const MAX_RANGES = 16_000;
/** Maximum number of ranges from which one page reads deliveries. */
const MAX_READ_RANGES = 50;

/**
 * Number of a range of 1,024 deliveries. The index `deliveries_of_media` begins with this expression, so that
 * new deliveries enter only its last pages.
 */
const RANGE = sql<number>`deliveries.seq >> 10`;
const RANGE_SIZE = 1_024;

/**
 * Finds the deliveries of one media, range by range, newest first. Deliveries of other accounts may have the
 * same lane, because publishers choose the ids of their media.
 */
export async function ofMedia(
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
