import { laneOf } from '../../kysely/tables/delivery-keys.ts';
import type { DeliveryRows } from './delivery-rows.ts';
import { type Owed, parseOwed } from './owed-column.ts';
import type { WrittenEvents } from './written-events.ts';

const EVENTS = `
  select seq, media_id as mediaId, type, created_at as createdAt, owed
  from events where seq > ? order by seq limit ?`;
const HAS_ROW = `select 1 from deliveries where seq = ?`;
const WEBHOOK = `select deleted_at as deletedAt from webhooks where seq = ?`;
const IS_BUSY = `select 1 from deliveries where webhook_seq = ? and lane = ? and state = 'pending' limit 1`;
const INSERT = `
  insert into deliveries (seq, event_seq, webhook_seq, lane, event_type, state,
    attempts, attempts_before, next_attempt_at, claimed, created_at)
  values (?, ?, ?, ?, ?, 'pending', 0, 0, ?, 0, ?)`;
/** A webhook that was deleted has a step that cancels its deliveries, which must run again. */
const CANCEL_AGAIN = `update webhooks set has_deliveries_to_cancel = 1 where seq = ? and deleted_at is not null`;

/** The parts of `Database` that a recovery needs. */
interface Recoverable extends Pick<DeliveryRows, 'prepare'> {
  readonly written: WrittenEvents;
  readonly transaction: <T>(work: () => T) => Promise<T>;
}

/** Number of events that one step reads. */
const EVENTS_OF_STEP = 500;
/** Number of deliveries after which a step reads no further event. A step takes some ten milliseconds. */
const DELIVERIES_OF_STEP = 2_000;

interface EventRow {
  readonly seq: number;
  readonly mediaId: string;
  readonly type: string;
  readonly createdAt: number;
  readonly owed: string | null;
}

/**
 * Writes the rows of the deliveries that were unwritten when an earlier process ended. They are due at once, in the
 * order of their lanes. Must be called before the first delivery is committed or claimed, and only by the process that
 * holds the data folder. Each step is a transaction, and a delivery that has a row is left alone. So the function may
 * be interrupted, and called again.
 */
export async function recoverDeliveries(db: Recoverable): Promise<void> {
  while (await db.transaction(() => recoverSome(db)));
}

/** Returns false when no event is left. */
function recoverSome(db: Recoverable): boolean {
  const events = db.prepare(EVENTS).all(db.written.saved(), EVENTS_OF_STEP) as unknown as EventRow[];
  // All deliveries are due by the steady clock, which continues from the time that was saved last.
  const dueAt = Number(db.prepare('select at from steady_clock').get()?.at ?? 0);
  let deliveries = 0;
  for (const event of events) {
    if (event.owed !== null) deliveries += recoverEvent(db, event, parseOwed(event.owed), dueAt);
    db.written.saveAs(event.seq);
    if (deliveries >= DELIVERIES_OF_STEP) return true;
  }
  return events.length === EVENTS_OF_STEP;
}

/** Returns the number of deliveries that the event owes. */
function recoverEvent(
  db: Recoverable,
  event: EventRow,
  { firstSeq, webhookSeqs }: Owed,
  dueAt: number,
): number {
  const lane = laneOf(event.mediaId);
  for (const [index, webhookSeq] of webhookSeqs.entries()) {
    const seq = firstSeq + index;
    if (db.prepare(HAS_ROW).get(seq)) continue;
    const webhook = db.prepare(WEBHOOK).get(webhookSeq);
    // A webhook whose row is gone was deleted, and all of its deliveries were removed.
    if (!webhook) continue;
    const waits = db.prepare(IS_BUSY).get(webhookSeq, lane) !== undefined;
    db.prepare(INSERT).run(
      ...[seq, event.seq, webhookSeq, lane, event.type],
      ...[waits ? null : dueAt, event.createdAt],
    );
    if (webhook.deletedAt !== null) db.prepare(CANCEL_AGAIN).run(webhookSeq);
  }
  return webhookSeqs.length;
}
