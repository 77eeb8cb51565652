import { ROW_BYTES } from '../../kysely/tables/row-bytes.ts';
import { addCharge, type Charges, type Statements, type UncountedRange } from './charges.ts';

// Removing a delivery subtracts what its attempts count from the usage of the event's account.
const ATTEMPTS = `
  select a.delivery_seq as deliverySeq, a.number, a.charged_bytes as chargedBytes, e.user_id as userId
  from attempts a join deliveries d on d.seq = a.delivery_seq join events e on e.seq = d.event_seq
  where (a.delivery_seq, a.number) > (?, ?) and a.delivery_seq <= ?
  order by a.delivery_seq, a.number limit ?`;
const STATE_BYTES = `update attempts set charged_bytes = ? where delivery_seq = ? and number = ?`;

interface AttemptRow {
  readonly deliverySeq: number;
  readonly number: number;
  readonly chargedBytes: number;
  readonly userId: string;
}

/** Counts attempts. Newer versions count each attempt, so that one that counts nothing is old. */
export function countAttempts(
  db: Statements,
  { place, until, limit }: UncountedRange,
  charges: Charges,
): string | null {
  const [deliverySeq, number] = place === null ? [0, 0] : (JSON.parse(place) as [number, number]);
  const rows = db.prepare(ATTEMPTS).all(deliverySeq, number, Number(until), limit) as unknown as AttemptRow[];
  for (const row of rows) {
    if (row.chargedBytes > 0) continue;
    db.prepare(STATE_BYTES).run(ROW_BYTES.attempt, row.deliverySeq, row.number);
    addCharge(charges, row.userId, ROW_BYTES.attempt);
  }
  const last = rows.at(-1);
  return last && rows.length === limit ? JSON.stringify([last.deliverySeq, last.number]) : null;
}
