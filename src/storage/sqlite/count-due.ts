import { type DueCount, type DueKind, NO_DUE, sumOfDue } from '../../domain/due.ts';
import type { Due, DueRequest } from '../contracts/queue.ts';
import { NEXT_WEBHOOK, type NextWebhook, UNCLAIMED } from './claim-deliveries.ts';
import type { Database } from './database.ts';

/**
 * Maximum number of webhooks that one call visits. A visit takes 6 µs (measured), so that a call takes 12 ms at most,
 * whatever the number of webhooks with waiting deliveries.
 */
const MAX_WEBHOOKS = 2_000;

/**
 * Counts the due deliveries of one webhook. SQLite reads only the index `deliveries_due`, and no rows of the table:
 * counting 10,000 deliveries takes 0.8 ms.
 */
const DUE_OF_WEBHOOK = `
  select count(*) as count, min(next_attempt_at) as oldestAt from (
    select next_attempt_at from deliveries where ${UNCLAIMED} and webhook_seq = ? and next_attempt_at <= ?
    order by next_attempt_at limit ?)`;

/**
 * Implements `Queue.due`. Goes from webhook to webhook along the index, so that a million deliveries of a paused
 * webhook cost no more than its first ones.
 */
export function countDue(db: Pick<Database, 'prepare'>, { now, limit, throttled, after }: DueRequest): Due {
  const throttledIds = new Set(throttled);
  const found = { sendable: NO_DUE, paused: NO_DUE, throttled: NO_DUE };
  let seq = after === null ? 0 : Number(after);
  for (let visited = 0; visited < MAX_WEBHOOKS; visited += 1) {
    const webhook = db.prepare(NEXT_WEBHOOK).get(seq) as NextWebhook | undefined;
    if (!webhook) return { ...found, after: null };
    seq = webhook.seq;
    const kind = kindOf(webhook, throttledIds);
    // Reads at least one delivery when the limit is reached, because the time of the oldest has no limit.
    const room = Math.max(1, limit - found[kind].count);
    const counted = db.prepare(DUE_OF_WEBHOOK).get(seq, now, room) as unknown as DueCount;
    found[kind] = sumOfDue(found[kind], counted, limit);
  }
  return { ...found, after: String(seq) };
}

function kindOf({ id, pausedAt }: NextWebhook, throttled: ReadonlySet<string>): DueKind {
  if (pausedAt !== null) return 'paused';
  return throttled.has(id) ? 'throttled' : 'sendable';
}
