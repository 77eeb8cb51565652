import { type Kysely, sql } from 'kysely';
import type { Schema } from '../tables/schema.ts';
import { type Found, MAX_READ, matching, newestFirst, type Search } from './search.ts';

/** A webhook, and the number of its newest delivery that a page may contain. */
interface Source {
  readonly seq: number;
  readonly newest: number;
  readonly deletedAt: number | null;
}

/**
 * Maximum number of webhooks whose newest deliveries are compared. The deliveries of an account with more
 * webhooks are searched among those of all accounts.
 */
const MAX_WEBHOOKS = 2_000;
/** Maximum number of webhooks from which the deliveries of one page come. */
const MAX_SOURCES = 100;
/**
 * Condition of a partial index. The SQL contains the value itself instead of a parameter, because a partial index is
 * not used with a parameter.
 */
const IS_FAILED = sql<boolean>`deliveries.state = 'failed'`;

/**
 * Returns the webhooks that have deliveries below the number `before`. The webhook with the newest delivery is
 * first. Returns null when the account has too many webhooks to compare them.
 */
export async function sourcesOf(
  db: Kysely<Schema>,
  search: Search,
  before: number,
): Promise<Source[] | null> {
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
export async function ofSources(
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
