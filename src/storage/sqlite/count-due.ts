import { type DueCount, type DueKind, NO_DUE, sumOfDue } from '../../domain/due.ts';
import type { Due, DueRequest } from '../contracts/queue.ts';
import { NEXT_WEBHOOK, type NextWebhook, UNCLAIMED } from './claim-deliveries.ts';
import type { Database } from './database.ts';

/**
 * Maximum number of webhooks and deliveries that one call reads, together. SQLite reads the row of each, because its
 * indexes do not contain the columns of their own conditions. With 1,000,000 deliveries of 100,000 webhooks, in
 * random places of the database, a call takes 10 ms of CPU time.
 */
const MAX_READS = 500;

/** Selects due deliveries of one webhook after a given one, the one that was due first first. */
const DUE_OF_WEBHOOK = `
  select next_attempt_at as at, seq from deliveries
  where ${UNCLAIMED} and webhook_seq = ? and next_attempt_at <= ? and (next_attempt_at, seq) > (?, ?)
  order by next_attempt_at, seq limit ?`;

interface DueRow {
  readonly at: number;
  readonly seq: number;
}

/**
 * Place in the index `deliveries_due`. Behind it are the deliveries of `webhook` that follow `row`, and those of all
 * later webhooks.
 */
interface Place {
  readonly webhook: number;
  /** `null`: the place is behind all deliveries of the webhook. */
  readonly row: DueRow | null;
}

/** Precedes every delivery of a webhook. */
const FIRST: DueRow = { at: -1, seq: 0 };

/**
 * Implements `Queue.due`. Goes from webhook to webhook along the index, and reads no more deliveries of a webhook than
 * it counts.
 */
export function countDue(db: Pick<Database, 'prepare'>, { now, limits, throttled, after }: DueRequest): Due {
  const throttledIds = new Set(throttled);
  const found = { sendable: NO_DUE, paused: NO_DUE, throttled: NO_DUE };
  let place = placeOf(after);
  let readsLeft = MAX_READS;
  while (readsLeft > 0) {
    // A webhook of which a part is counted is selected again, as the first one from its own number on.
    const from = place.row ? place.webhook - 1 : place.webhook;
    const webhook = db.prepare(NEXT_WEBHOOK).get(from) as NextWebhook | undefined;
    if (!webhook) return { ...found, after: null };
    const start = (webhook.seq === place.webhook && place.row) || FIRST;
    const kind = kindOf(webhook, throttledIds);
    // When the limit is reached, one delivery of each webhook is read, because the time of the oldest has no limit.
    const wanted = Math.max(1, limits[kind] - found[kind].count);
    const room = Math.min(wanted, readsLeft);
    const rows = db.prepare(DUE_OF_WEBHOOK).all(webhook.seq, now, start.at, start.seq, room);
    found[kind] = sumOfDue(found[kind], countOf(rows as unknown as DueRow[]), limits[kind]);
    readsLeft -= rows.length + 1;
    const isWhole = rows.length < room || room === wanted;
    place = { webhook: webhook.seq, row: isWhole ? null : (rows.at(-1) as unknown as DueRow) };
  }
  return { ...found, after: cursorOf(place) };
}

function countOf(rows: readonly DueRow[]): DueCount {
  return { count: rows.length, oldestAt: rows[0]?.at ?? null };
}

function kindOf({ id, pausedAt }: NextWebhook, throttled: ReadonlySet<string>): DueKind {
  if (pausedAt !== null) return 'paused';
  return throttled.has(id) ? 'throttled' : 'sendable';
}

function cursorOf({ webhook, row }: Place): string {
  return row ? `${webhook}/${row.at}/${row.seq}` : String(webhook);
}

function placeOf(cursor: string | null): Place {
  const [webhook = 0, at, seq] = (cursor ?? '0').split('/').map(Number);
  return { webhook, row: at === undefined || seq === undefined ? null : { at, seq } };
}
