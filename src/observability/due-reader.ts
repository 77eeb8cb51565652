import { DUE_KINDS, type DueCount, type DueKind, NO_DUE, sumOfDue } from '../domain/due.ts';
import type { Due, DueRequest, Queue } from '../storage/contracts/queue.ts';
import { withinScrape } from './within-scrape.ts';

/** Number of due deliveries of one kind at which the count stops, so that its cost is bounded. */
export const DUE_COUNTED = 10_000;
/** Minimum milliseconds between the starts of two counts. All scrapes in between use the same result. */
const COUNT_EVERY_MS = 1_000;
/** Number of times by which a rest is longer than the count before it, so that counting takes a tenth of the time. */
const REST_FACTOR = 9;
/** Maximum milliseconds of a rest, because a count also takes long when the database was locked for a while. */
const MAX_REST_MS = 10_000;
/** Milliseconds after its time for which the previous count is shown while the next one is running. */
const FRESH_MS = 10_000;
/**
 * Maximum milliseconds that a scrape waits for the first count, which starts the thread that reads the database.
 * Half of the time that Prometheus waits for a scrape by default.
 */
const FIRST_WITHIN_MS = 5_000;

type DueCounts = Readonly<Record<DueKind, DueCount>>;

export interface DueSources {
  readonly queue: Pick<Queue, 'due'>;
  /** Returns the ids of the webhooks whose circuits are not closed. */
  readonly throttled: () => readonly string[];
  /** Returns the time of the steady clock, by which deliveries are due. */
  readonly now: () => number;
}

/**
 * Returns a function that counts the due deliveries. While a count takes long, the function returns the previous one, as
 * long as that is fresh. It returns `undefined` if the database fails or does not answer in time.
 */
export function dueReader(sources: DueSources): () => Promise<DueCounts | undefined> {
  const { now } = sources;
  let result: Promise<DueCounts> | null = null;
  let last: { readonly counts: DueCounts; readonly at: number } | null = null;
  let startedAt = Number.NEGATIVE_INFINITY;
  let restMs = COUNT_EVERY_MS;
  let isRunning = false;
  let hasWaited = false;
  const count = async () => {
    startedAt = now();
    isRunning = true;
    try {
      const counts = await countAll(sources);
      last = { counts, at: startedAt };
      return counts;
    } finally {
      isRunning = false;
      const tookMs = now() - startedAt;
      restMs = Math.max(COUNT_EVERY_MS, tookMs + Math.min(tookMs * REST_FACTOR, MAX_REST_MS));
    }
  };
  return async () => {
    if (!result || (!isRunning && now() - startedAt >= restMs)) result = count();
    const counted = await withinScrape(result, hasWaited ? undefined : FIRST_WITHIN_MS);
    hasWaited = true;
    if (counted || !isRunning || !last) return counted;
    return now() - last.at < restMs + FRESH_MS ? last.counts : undefined;
  };
}

/** Counts in several calls, because each call reads a bounded number of webhooks and deliveries. */
async function countAll({ queue, throttled, now }: DueSources): Promise<DueCounts> {
  const request = { now: now(), throttled: throttled() };
  const total = { sendable: NO_DUE, paused: NO_DUE, throttled: NO_DUE };
  const left = (kind: DueKind) => DUE_COUNTED - total[kind].count;
  let after: DueRequest['after'] = null;
  do {
    const limits = { sendable: left('sendable'), paused: left('paused'), throttled: left('throttled') };
    const part: Due = await queue.due({ ...request, limits, after });
    for (const kind of DUE_KINDS) total[kind] = sumOfDue(total[kind], part[kind], DUE_COUNTED);
    after = part.after;
  } while (after !== null);
  return total;
}
