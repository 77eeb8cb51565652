import type { Cursor } from '../contracts/page.ts';
import type { RetentionRequest, RetentionStep } from '../contracts/retention.ts';
import type { Database } from './database.ts';

const NEXT_EVENT = `select seq, created_at as createdAt from events where seq > ? order by seq limit 1`;
const NEXT_DELIVERY = `
  select seq, event_seq as eventSeq, state, ended_at as endedAt from deliveries where seq > ? order by seq limit 1`;
const DELETE_ATTEMPTS = `delete from attempts where delivery_seq = ?`;
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

/** The place that a round has reached. */
interface Place {
  /** Numbers of the last event and of the last delivery that the round is done with. */
  event: number;
  delivery: number;
  /** Whether the event after `event` has a delivery that stays. */
  isEventOwed: boolean;
}

const START: Place = { event: 0, delivery: 0, isEventOwed: false };

function cursorOf({ event, delivery, isEventOwed }: Place): Cursor {
  return `${event}.${delivery}.${Number(isEventOwed)}`;
}

function placeOf(cursor: Cursor): Place {
  const [event, delivery, isEventOwed] = cursor.split('.').map(Number);
  return { event: event ?? 0, delivery: delivery ?? 0, isEventOwed: isEventOwed === 1 };
}

/** The progress of a step. */
interface Walk extends Place {
  readonly before: number;
  readonly limit: number;
  /** Number of rows that were looked at or removed. */
  rows: number;
  events: number;
  deliveries: number;
}

/**
 * See `RetentionStore.removeEvents`. To be run in a transaction.
 *
 * Walks two tables side by side by their primary keys. Deliveries are numbered in the order of their events, because
 * the same transaction inserts both. So the walk needs no index from events to deliveries, which would slow down
 * every commit, and a step reads no more than its own rows, however long the tables are.
 */
export function removeEvents(db: Database, request: RetentionRequest): RetentionStep {
  const { before, limit, after } = request;
  const start = after === null ? START : placeOf(after);
  const walk: Walk = { before, limit, ...start, rows: 0, events: 0, deliveries: 0 };
  let isComplete = false;
  while (walk.rows < limit) {
    const event = db.prepare(NEXT_EVENT).get(walk.event) as EventRow | undefined;
    if (!event || event.createdAt >= before) {
      isComplete = true;
      break;
    }
    if (removeDeliveriesOf(db, event.seq, walk)) endEvent(db, event.seq, walk);
  }
  const { event, delivery, isEventOwed, events, deliveries } = walk;
  return { events, deliveries, after: isComplete ? null : cursorOf({ event, delivery, isEventOwed }) };
}

/** Removes an event's old deliveries. Returns false when the step reaches its limit before the last of them. */
function removeDeliveriesOf(db: Database, eventSeq: number, walk: Walk): boolean {
  for (;;) {
    const delivery = db.prepare(NEXT_DELIVERY).get(walk.delivery) as DeliveryRow | undefined;
    if (!delivery || delivery.eventSeq > eventSeq) return true;
    if (walk.rows >= walk.limit) return false;
    walk.delivery = delivery.seq;
    walk.rows += 1;
    if (delivery.state === 'pending' || delivery.endedAt === null || delivery.endedAt >= walk.before) {
      walk.isEventOwed = true;
      continue;
    }
    walk.rows += Number(db.prepare(DELETE_ATTEMPTS).run(delivery.seq).changes);
    db.prepare(DELETE_DELIVERY).run(delivery.seq);
    walk.deliveries += 1;
  }
}

function endEvent(db: Database, seq: number, walk: Walk): void {
  if (!walk.isEventOwed) {
    db.prepare(DELETE_EVENT).run(seq);
    walk.events += 1;
  }
  walk.event = seq;
  walk.isEventOwed = false;
  walk.rows += 1;
}
