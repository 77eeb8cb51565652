import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { Claimed, ClaimRequest } from '../contracts/queue.ts';
import type { Database } from './database.ts';
import { ReadyRows, SELECT_READY } from './ready-delivery.ts';
import { writeUpTo } from './unwritten/write-deliveries.ts';

/**
 * Condition of the partial indexes `deliveries_due` and `deliveries_due_first`. SQLite uses a partial index
 * only if the statement contains the condition of the index in the same words.
 */
export const UNCLAIMED = `state = 'pending' and claimed = 0 and next_attempt_at is not null`;

/**
 * Among the webhooks after a given webhook, selects the first one that has an unclaimed delivery. The result
 * says whether the webhook is paused, so that the caller can skip the webhook with all its deliveries at
 * once.
 */
export const NEXT_WEBHOOK = `
  select w.seq, w.id, w.paused_at as pausedAt from webhooks w
  where w.seq = (
    select webhook_seq from deliveries where ${UNCLAIMED} and webhook_seq > ? order by webhook_seq limit 1)`;

export interface NextWebhook {
  readonly seq: number;
  readonly id: string;
  readonly pausedAt: number | null;
}

const DUE_OF_WEBHOOK = `
  ${SELECT_READY}
  where d.seq in (
    select seq from deliveries where ${UNCLAIMED} and webhook_seq = ? and next_attempt_at <= ?
    order by next_attempt_at, seq limit ?)
  order by d.next_attempt_at, d.seq`;

/**
 * Maximum number of due deliveries that a claim reads directly. For so few deliveries, this costs less than a
 * visit to every webhook with queued deliveries.
 */
const FEW = 100;

const COUNT_FEW = `
  select count(*) as count from (select 1 from deliveries where ${UNCLAIMED} and next_attempt_at <= ? limit ?)`;

const ALL_DUE = `
  ${SELECT_READY}
  where d.seq in (select seq from deliveries where ${UNCLAIMED} and next_attempt_at <= ?)
  order by d.next_attempt_at, d.seq`;

const MARK = `update deliveries set claimed = 1 where seq = ?`;

/** Implements `Queue.claim`. Must be called within a transaction. */
export function claimDeliveries(db: Database, request: ClaimRequest): Claimed {
  const claimed =
    request.after === null && areFewDue(db, request) ? claimFew(db, request) : claimRound(db, request);
  for (const { seq } of claimed.ready) db.prepare(MARK).run(seq);
  return claimed;
}

function areFewDue(db: Database, { now, limit }: ClaimRequest): boolean {
  const few = Math.min(FEW, limit);
  const { count } = db.prepare(COUNT_FEW).get(now, few + 1) as { count: number };
  return count <= few;
}

/**
 * Claims all due deliveries with one query, when few are due. This is the usual case: a few retries are due,
 * while hundreds of webhooks have deliveries that are not due yet.
 */
function claimFew(db: Database, request: ClaimRequest): Claimed {
  const buffered = bufferedOf(request);
  const rows = new ReadyRows(db);
  const ready: ReadyDelivery[] = [];
  for (const row of db.prepare(ALL_DUE).all(request.now)) {
    if (rows.isPaused(row)) continue;
    const delivery = rows.toReadyDelivery(row);
    const { id } = delivery.webhook;
    const count = buffered.get(id) ?? 0;
    if (count >= request.perWebhook) continue;
    buffered.set(id, count + 1);
    ready.push(delivery);
  }
  return { ready, after: null };
}

/**
 * Maximum number of webhooks that a claim visits. A visit takes 0.04 to 0.08 ms, because it reads and decrypts the
 * webhook and its deliveries. If thousands of webhooks have deliveries that are due, several claims visit them.
 */
const MAX_VISITS = 500;

/**
 * Claims due deliveries of one webhook after another, along the index. So the cost depends on the number of
 * webhooks with queued deliveries and on the number of claimed deliveries, never on the length of a backlog.
 */
function claimRound(db: Database, request: ClaimRequest): Claimed {
  const buffered = bufferedOf(request);
  const rows = new ReadyRows(db);
  const ready: ReadyDelivery[] = [];
  let after = request.after === null ? 0 : Number(request.after);
  for (let visits = 0; visits < MAX_VISITS && ready.length < request.limit; visits += 1) {
    const next = db.prepare(NEXT_WEBHOOK).get(after) as NextWebhook | undefined;
    if (!next) return { ready, after: null };
    after = next.seq;
    if (next.pausedAt !== null) continue;
    const room = Math.min(request.perWebhook - (buffered.get(next.id) ?? 0), request.limit - ready.length);
    if (room <= 0) continue;
    for (const row of db.prepare(DUE_OF_WEBHOOK).all(after, request.now, room)) {
      ready.push(rows.toReadyDelivery(row));
    }
  }
  return { ready, after: String(after) };
}

function bufferedOf({ buffered }: ClaimRequest): Map<string, number> {
  return new Map(buffered.map(({ webhookId, count }) => [webhookId, count]));
}

const FIRST_DUE = `
  select next_attempt_at as dueAt, (select paused_at from webhooks where seq = webhook_seq) as pausedAt
  from deliveries where ${UNCLAIMED} and next_attempt_at > ? order by next_attempt_at limit 1`;

const FIRST_DUE_OF_WEBHOOK = `
  select next_attempt_at as dueAt from deliveries
  where ${UNCLAIMED} and webhook_seq = ? and next_attempt_at > ? order by next_attempt_at limit 1`;

/** Implements `Queue.nextDueAt`. */
export async function nextDueAt(db: Database, after: number): Promise<number | null> {
  const first = await db.read(
    () => db.prepare(FIRST_DUE).get(after) as { dueAt: number; pausedAt: number | null } | undefined,
  );
  if (!first) return null;
  return first.pausedAt === null ? first.dueAt : nextDueOfUnpaused(db, after);
}

/**
 * Maximum number of webhooks that one step of `nextDueOfUnpaused` visits, so that the step takes at most some
 * ten milliseconds.
 */
const VISITED_AT_ONCE = 500;

/** Webhooks that were visited in search of the next due delivery. */
interface Visited {
  /** Earliest due time of their deliveries. `null`: none is due later. */
  readonly earliest: number | null;
  /** The webhook after which the search continues. `null`: all webhooks have been visited. */
  readonly webhookSeq: number | null;
}

/**
 * Returns the earliest due time later than `after`. Deliveries of paused webhooks don't count. The function
 * queries one webhook after another. So it skips a million deliveries of a paused webhook in one step. Other
 * calls run between its steps: the caller learns of deliveries that become due meanwhile in another way.
 */
async function nextDueOfUnpaused(db: Database, after: number): Promise<number | null> {
  let visited: Visited = { earliest: null, webhookSeq: 0 };
  while (visited.webhookSeq !== null) {
    const before: Visited = visited;
    visited = await db.read(() => visitSome(db, before, after));
  }
  return visited.earliest;
}

function visitSome(db: Database, visited: Visited, after: number): Visited {
  let { earliest } = visited;
  let webhookSeq = visited.webhookSeq ?? 0;
  for (let visits = 0; visits < VISITED_AT_ONCE; visits += 1) {
    const next = db.prepare(NEXT_WEBHOOK).get(webhookSeq) as NextWebhook | undefined;
    if (!next) return { earliest, webhookSeq: null };
    webhookSeq = next.seq;
    if (next.pausedAt !== null) continue;
    const first = db.prepare(FIRST_DUE_OF_WEBHOOK).get(webhookSeq, after) as { dueAt: number } | undefined;
    if (first && (earliest === null || first.dueAt < earliest)) earliest = first.dueAt;
  }
  return { earliest, webhookSeq };
}

const RELEASE = `update deliveries set claimed = 0 where seq = ? and state = 'pending'`;

/** Implements `Queue.release`. Must be called within a transaction. */
export function releaseDeliveries(db: Database, seqs: readonly number[]): void {
  for (const seq of seqs) {
    const unwritten = db.unwritten.get(seq);
    if (unwritten) writeUpTo(db, unwritten);
    db.prepare(RELEASE).run(seq);
  }
}

/** Maximum number of claims that are released in one transaction, which takes about 10 ms. */
const RELEASED_AT_ONCE = 1_000;

const CLAIMED = `select seq from deliveries indexed by deliveries_lane where state = 'pending' and claimed = 1`;

/**
 * Releases all claimed deliveries in the database: see `Queue.releaseStaleClaims`. Reads the index of pending
 * deliveries once, which takes 45 ms for a million. Reading it in steps takes four times as long, and nothing else
 * uses the database at a start. Only numbers are in memory, however many deliveries are claimed.
 */
export async function releaseAllClaims(db: Database): Promise<void> {
  const claimed = await db.read(() => {
    const seqs: number[] = [];
    for (const { seq } of db.prepare(CLAIMED).iterate() as Iterable<{ seq: number }>) seqs.push(seq);
    return seqs;
  });
  for (let from = 0; from < claimed.length; from += RELEASED_AT_ONCE) {
    await db.volatile(() => releaseDeliveries(db, claimed.slice(from, from + RELEASED_AT_ONCE)));
  }
}
