import { DUE_KINDS, type DueCount, type DueKind, NO_DUE, sumOfDue } from '../domain/due.ts';
import type { Due, DueRequest, Queue } from '../storage/contracts/queue.ts';
import { withinScrape } from './within-scrape.ts';

/** Number of due deliveries of one kind at which the count stops, so that its cost is bounded. */
export const DUE_COUNTED = 10_000;
/** Minimum milliseconds between the starts of two counts. All scrapes in between use the same result. */
const COUNT_EVERY_MS = 1_000;
/** Number of times by which a count rests longer than it took, so that counting takes a tenth of the time at most. */
const REST_FACTOR = 9;
type DueCounts = Readonly<Record<DueKind, DueCount>>;

export interface DueSources {
  readonly queue: Pick<Queue, 'due'>;
  /** Returns the ids of the webhooks whose circuits are not closed. */
  readonly throttled: () => readonly string[];
  /** Returns the time of the steady clock, by which deliveries are due. */
  readonly now: () => number;
}

/**
 * Returns a function that counts the due deliveries. The function returns `undefined` if the database fails or does not
 * answer in time.
 */
export function dueReader(sources: DueSources): () => Promise<DueCounts | undefined> {
  const { now } = sources;
  let result: Promise<DueCounts> | null = null;
  let startedAt = Number.NEGATIVE_INFINITY;
  let restMs = COUNT_EVERY_MS;
  let isRunning = false;
  const count = async () => {
    startedAt = now();
    isRunning = true;
    try {
      return await countAll(sources);
    } finally {
      isRunning = false;
      restMs = Math.max(COUNT_EVERY_MS, (now() - startedAt) * (1 + REST_FACTOR));
    }
  };
  return () => {
    if (!result || (!isRunning && now() - startedAt >= restMs)) result = count();
    return withinScrape(result);
  };
}

/** Counts in several calls, because each call visits a bounded number of webhooks. */
async function countAll({ queue, throttled, now }: DueSources): Promise<DueCounts> {
  const request = { now: now(), limit: DUE_COUNTED, throttled: throttled() };
  const total = { sendable: NO_DUE, paused: NO_DUE, throttled: NO_DUE };
  let after: DueRequest['after'] = null;
  do {
    const part: Due = await queue.due({ ...request, after });
    for (const kind of DUE_KINDS) total[kind] = sumOfDue(total[kind], part[kind], DUE_COUNTED);
    after = part.after;
  } while (after !== null);
  return total;
}
