import { ROW_BYTES } from '../../kysely/tables/row-bytes.ts';
import { addCharge, type Charges, type Statements, type UncountedRange } from './charges.ts';

// Events of an account's own media have no idempotency key. Others are published by operators, and are not counted.
const EVENTS = `
  select seq, user_id as userId, charged_bytes as chargedBytes, octet_length(body) as bodyBytes,
    idempotency_key is null and unique_key is null as isOwn
  from events where seq > ? and seq <= ? order by seq limit ?`;
const DELIVERIES = `select seq, event_seq as eventSeq from deliveries where seq > ? order by seq limit ?`;
const ADD_BYTES = `update events set charged_bytes = charged_bytes + ? where seq = ?`;

/** Number of deliveries that a step reads for each event. */
const DELIVERIES_OF_EVENT = 5;

interface EventRow {
  readonly seq: number;
  readonly userId: string;
  readonly chargedBytes: number;
  readonly bodyBytes: number;
  readonly isOwn: number;
}

interface DeliveryRow {
  readonly seq: number;
  readonly eventSeq: number;
}

/** The position that the count has reached. */
interface Place {
  /** Number of the last event that is counted with all of its deliveries. */
  readonly event: number;
  /** Number of the last delivery that was visited. */
  readonly delivery: number;
  /** Number of an event that is counted with the first of its deliveries only; 0: there is no such event. */
  readonly partial: number;
}

const START: Place = { event: 0, delivery: 0, partial: 0 };

/**
 * Counts events with their deliveries. Reads both tables side by side, as `removeEvents` does, because deliveries have
 * the same order as their events.
 */
export function countEvents(
  db: Statements,
  { place, until, limit }: UncountedRange,
  charges: Charges,
): string | null {
  const from = place === null ? START : (JSON.parse(place) as Place);
  const events = db.prepare(EVENTS).all(from.event, Number(until), limit) as unknown as EventRow[];
  const last = events.at(-1);
  if (!last) return null;
  const visited = visitDeliveries(db, { after: from.delivery, until: last.seq, limit });
  for (const event of events) {
    if (event.seq > visited.event) break;
    const deliveries = (visited.counts.get(event.seq) ?? 0) * ROW_BYTES.delivery;
    const isBegun = event.seq === from.partial;
    if (!isBegun && (event.isOwn === 0 || event.chargedBytes > 0)) continue;
    const bytes = isBegun ? deliveries : ROW_BYTES.event + event.bodyBytes + deliveries;
    db.prepare(ADD_BYTES).run(bytes, event.seq);
    addCharge(charges, event.userId, bytes);
  }
  return JSON.stringify(placeAfter(from, events, visited));
}

interface Visited {
  /** Number of the last event that can be counted with the deliveries that were read. */
  readonly event: number;
  /** Whether that event may have further deliveries. */
  readonly isPartial: boolean;
  /** Number of the last delivery that was counted. */
  readonly delivery: number;
  /** For each event by its number, how many of its deliveries were read. */
  readonly counts: ReadonlyMap<number, number>;
}

function visitDeliveries(
  db: Statements,
  { after, until, limit }: { readonly after: number; readonly until: number; readonly limit: number },
): Visited {
  const most = limit * DELIVERIES_OF_EVENT;
  const rows = db.prepare(DELIVERIES).all(after, most) as unknown as DeliveryRow[];
  const counts = new Map<number, number>();
  let delivery = after;
  for (const { seq, eventSeq } of rows) {
    if (eventSeq > until) return { event: until, isPartial: false, delivery, counts };
    counts.set(eventSeq, (counts.get(eventSeq) ?? 0) + 1);
    delivery = seq;
  }
  const last = rows.at(-1);
  if (!last || rows.length < most) return { event: until, isPartial: false, delivery, counts };
  return { event: last.eventSeq, isPartial: true, delivery, counts };
}

function placeAfter(from: Place, events: readonly EventRow[], visited: Visited): Place {
  const { event: seq, isPartial, delivery } = visited;
  if (!isPartial) return { event: seq, delivery, partial: 0 };
  const counted = events.find((event) => event.seq === seq);
  const isBegun = counted && (seq === from.partial || (counted.isOwn === 1 && counted.chargedBytes === 0));
  return { event: Math.max(from.event, seq - 1), delivery, partial: isBegun ? seq : 0 };
}
