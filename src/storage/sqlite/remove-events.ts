import type { Cursor } from '../contracts/page.ts';
import type { RetentionRequest, RetentionStep } from '../contracts/retention.ts';
import type { Database } from './database.ts';

const NEXT_EVENT = `select seq, created_at as createdAt from events where seq > ? order by seq limit 1`;
const NEXT_DELIVERY = `
  select seq, event_seq as eventSeq, state, ended_at as endedAt from deliveries where seq > ? order by seq limit 1`;
const DELETE_ATTEMPTS = `
  delete from attempts where delivery_seq = ?1
    and number in (select number from attempts where delivery_seq = ?1 order by number limit ?2)`;
const DELETE_DELIVERY = `delete from deliveries where seq = ?`;
const DELETE_EVENT = `delete from events where seq = ?`;

interface EventRow {
  readonly seq: number;
  readonly createdAt: number;
}

interface DeliveryRow {
  readonly seq: number;
  readonly eventSeq: number;
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
}

/**
 * Implements `RetentionStore.removeEvents`. Must be called within a transaction.
 *
 * Reads the tables of events and deliveries side by side, in the order of their primary keys. Deliveries have
 * the same order as their events, because the same transaction inserts both. So no index from events to
 * deliveries is needed. Such an index would slow down every commit. A step reads only the rows that it
 * visits, however long the tables are.
 */
export function removeEvents(db: Database, request: RetentionRequest): RetentionStep {
  const { before, now, limit, after } = request;
  const start = after === null ? START : placeOf(after);
  const walk: Walk = { before, now, limit, ...start, rows: 0, events: 0, deliveries: 0 };
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
    if (removeDeliveriesOf(db, event.seq, walk)) endEvent(db, event.seq, walk);
  }
  const { event, delivery, isEventKept, events, deliveries } = walk;
  return { events, deliveries, after: isComplete ? null : cursorOf({ event, delivery, isEventKept }) };
}

/**
 * Removes the old deliveries of an event. Returns false when the step reaches its limit before the event's
 * last delivery.
 */
function removeDeliveriesOf(db: Database, eventSeq: number, walk: Walk): boolean {
  for (;;) {
    const delivery = db.prepare(NEXT_DELIVERY).get(walk.delivery) as DeliveryRow | undefined;
    if (!delivery || delivery.eventSeq > eventSeq) return true;
    if (walk.rows >= walk.limit) return false;
    const isKept =
      delivery.state === 'pending' || delivery.endedAt === null || delivery.endedAt >= walk.before;
    if (isKept) walk.isEventKept = true;
    else if (!removeAttempts(db, delivery.seq, walk)) return false;
    walk.delivery = delivery.seq;
    walk.rows += 1;
    if (isKept) continue;
    db.prepare(DELETE_DELIVERY).run(delivery.seq);
    walk.deliveries += 1;
  }
}

/**
 * Removes the attempts of a delivery. Returns false when the step reaches its limit first. A delivery that was
 * sent again very often has more attempts than one step may remove.
 */
function removeAttempts(db: Database, deliverySeq: number, walk: Walk): boolean {
  const most = walk.limit - walk.rows;
  const { changes } = db.prepare(DELETE_ATTEMPTS).run(deliverySeq, most);
  walk.rows += Number(changes);
  return Number(changes) < most;
}

function endEvent(db: Database, seq: number, walk: Walk): void {
  if (!walk.isEventKept) {
    db.prepare(DELETE_EVENT).run(seq);
    walk.events += 1;
  }
  walk.event = seq;
  walk.isEventKept = false;
  walk.rows += 1;
}
