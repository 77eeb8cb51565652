import type { Cursor } from '../contracts/page.ts';
import type { RetentionRequest, RetentionStep } from '../contracts/retention.ts';
import type { Database } from './database.ts';

const NEXT_EVENT = `
  select seq, created_at as createdAt, user_id as userId, charged_bytes as chargedBytes, unique_key as uniqueKey
  from events where seq > ? order by seq limit 1`;
const NEXT_DELIVERY = `
  select seq, event_seq as eventSeq, webhook_seq as webhookSeq, state, ended_at as endedAt,
    next_attempt_at as nextAttemptAt
  from deliveries where seq > ? order by seq limit 1`;
const IS_PAUSED_SINCE = `select 1 from webhooks where seq = ? and paused_at < ? and deleted_at is null`;
const EXPIRE = `
  update deliveries set state = 'failed', next_attempt_at = null, ended_at = ?
  where seq = ? and state = 'pending' and claimed = 0`;
/** Makes the oldest pending delivery of a lane ready, after the ready delivery has ended. */
const MAKE_NEXT_READY = `
  update deliveries set next_attempt_at = ?1 where seq = (
    select seq from deliveries
    where (webhook_seq, lane) = (select webhook_seq, lane from deliveries where seq = ?2) and state = 'pending'
    order by seq limit 1)`;
const DELETE_ATTEMPTS = `
  delete from attempts where delivery_seq = ?1
    and number in (select number from attempts where delivery_seq = ?1 order by number limit ?2)
  returning charged_bytes as chargedBytes`;
const DELETE_DELIVERY = `delete from deliveries where seq = ?`;
const DISCHARGE = `update record_usage set bytes = max(0, bytes - ?) where user_id = ?`;
const DELETE_EVENT = `delete from events where seq = ?`;

interface EventRow {
  readonly seq: number;
  readonly createdAt: number;
  readonly userId: string;
  readonly chargedBytes: number;
  readonly uniqueKey: string | null;
}

interface DeliveryRow {
  readonly seq: number;
  readonly eventSeq: number;
  readonly webhookSeq: number;
  readonly nextAttemptAt: number | null;
  readonly state: string;
  readonly endedAt: number | null;
}

/** The position that the removal has reached: the last event and the last delivery that were visited. */
interface Place {
  /** Number of the last event whose deliveries have all been visited. */
  event: number;
  delivery: number;
  /** Whether the next event after `event` must stay, because one of its visited deliveries stays. */
  isEventKept: boolean;
}

const START: Place = { event: 0, delivery: 0, isEventKept: false };

function cursorOf({ event, delivery, isEventKept }: Place): Cursor {
  return `${event}.${delivery}.${Number(isEventKept)}`;
}

function placeOf(cursor: Cursor): Place {
  const [event, delivery, isEventKept] = cursor.split('.').map(Number);
  return { event: event ?? 0, delivery: delivery ?? 0, isEventKept: isEventKept === 1 };
}

/** The position that a step has reached, and the numbers of rows that it has visited and removed. */
interface Walk extends Place {
  readonly before: number;
  readonly now: number;
  readonly limit: number;
  /** Number of rows that the step has visited or removed. */
  rows: number;
  events: number;
  deliveries: number;
  /** Number of pending deliveries that the step has ended. */
  expired: number;
  /** For each account, the number of bytes that its removed rows counted. */
  readonly freedBytes: Map<string, number>;
}

/**
 * Implements `RetentionStore.removeEvents`. Must be called within a transaction.
 *
 * Reads the tables of events and deliveries side by side, in the order of their primary keys. Deliveries have
 * the same order as their events, because they get their numbers in the order of their events. So no index from events to
 * deliveries is needed. Such an index would slow down every commit. A step reads only the rows that it
 * visits, however long the tables are.
 */
export function removeEvents(db: Database, request: RetentionRequest): RetentionStep {
  db.writeAllOf('remove');
  const { before, now, limit, after } = request;
  const start = after === null ? START : placeOf(after);
  const walk: Walk = {
    before,
    now,
    limit,
    ...start,
    rows: 0,
    events: 0,
    deliveries: 0,
    expired: 0,
    freedBytes: new Map(),
  };
  let isComplete = false;
  while (walk.rows < limit) {
    const event = db.prepare(NEXT_EVENT).get(walk.event) as EventRow | undefined;
    // An event of the future does not end the walk, because events after it can be old.
    const isFuture = event !== undefined && event.createdAt > now;
    if (!event || (event.createdAt >= before && !isFuture)) {
      isComplete = true;
      break;
    }
    if (isFuture) walk.isEventKept = true;
    if (removeDeliveriesOf(db, event, walk)) endEvent(db, event, walk);
  }
  for (const [userId, bytes] of walk.freedBytes) db.prepare(DISCHARGE).run(bytes, userId);
  const { event, delivery, isEventKept, events, deliveries, expired } = walk;
  return {
    events,
    deliveries,
    expired,
    after: isComplete ? null : cursorOf({ event, delivery, isEventKept }),
  };
}

/**
 * Removes the old deliveries of an event. Returns false when the step reaches its limit before the event's
 * last delivery.
 */
function removeDeliveriesOf(db: Database, event: EventRow, walk: Walk): boolean {
  for (;;) {
    const delivery = db.prepare(NEXT_DELIVERY).get(walk.delivery) as DeliveryRow | undefined;
    if (!delivery || delivery.eventSeq > event.seq) return true;
    if (walk.rows >= walk.limit) return false;
    const isKept =
      delivery.state === 'pending' || delivery.endedAt === null || delivery.endedAt >= walk.before;
    if (delivery.state === 'pending') expire(db, delivery, walk);
    if (isKept) walk.isEventKept = true;
    else if (!removeAttempts(db, delivery.seq, { userId: event.userId, walk })) return false;
    walk.delivery = delivery.seq;
    walk.rows += 1;
    if (isKept) continue;
    db.prepare(DELETE_DELIVERY).run(delivery.seq);
    walk.deliveries += 1;
  }
}

/** Ends a pending delivery whose webhook has been paused for too long, unless an attempt is in flight. */
function expire(db: Database, { seq, webhookSeq, nextAttemptAt }: DeliveryRow, walk: Walk): void {
  if (!db.prepare(IS_PAUSED_SINCE).get(webhookSeq, walk.before)) return;
  if (db.prepare(EXPIRE).run(walk.now, seq).changes === 0) return;
  walk.expired += 1;
  if (nextAttemptAt !== null) db.prepare(MAKE_NEXT_READY).run(nextAttemptAt, seq);
}

/**
 * Removes the attempts of a delivery. Returns false when the step reaches its limit first. A delivery that was
 * sent again very often has more attempts than one step may remove.
 */
function removeAttempts(
  db: Database,
  deliverySeq: number,
  { userId, walk }: { readonly userId: string; readonly walk: Walk },
): boolean {
  const most = walk.limit - walk.rows;
  const removed = db.prepare(DELETE_ATTEMPTS).all(deliverySeq, most) as { chargedBytes: number }[];
  for (const { chargedBytes } of removed) free(walk, userId, chargedBytes);
  walk.rows += removed.length;
  return removed.length < most;
}

function free({ freedBytes }: Walk, userId: string, bytes: number): void {
  if (bytes > 0) freedBytes.set(userId, (freedBytes.get(userId) ?? 0) + bytes);
}

function endEvent(db: Database, event: EventRow, walk: Walk): void {
  const { seq, userId, chargedBytes, uniqueKey } = event;
  if (!walk.isEventKept) {
    db.prepare(DELETE_EVENT).run(seq);
    if (uniqueKey !== null) db.eventKeys.remove(userId, uniqueKey, seq);
    free(walk, userId, chargedBytes);
    walk.events += 1;
  }
  walk.event = seq;
  walk.isEventKept = false;
  walk.rows += 1;
}
