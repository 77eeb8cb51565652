import type { Attempt, ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Settled } from '../contracts/queue.ts';
import type { Database } from './database.ts';
import { ReadyRows, SELECT_READY } from './ready-delivery.ts';
import { updateWebhookHealth } from './update-webhook-health.ts';

/** Inserts a row for the attempt that was the last until now. The last attempt is kept in the delivery's own row. */
const KEEP_ATTEMPT = `
  insert into attempts (delivery_seq, number, at, duration_ms, status, response, error)
  select seq, attempts, last_at, last_duration_ms, last_status, last_response, last_error
  from deliveries where seq = ? and attempts = ?`;

const LAST_ATTEMPT = `
  attempts = ?, last_at = ?, last_duration_ms = ?, last_status = ?, last_response = ?, last_error = ?`;

// Each of these statements records an attempt once, because it requires that the attempt before is the last one.
const END = `
  update deliveries set ${LAST_ATTEMPT}, state = ?, next_attempt_at = null, claimed = 0, ended_at = ?
  where seq = ? and attempts = ? and state = 'pending'`;

const POSTPONE = `
  update deliveries set ${LAST_ATTEMPT}, next_attempt_at = ?, claimed = 0
  where seq = ? and attempts = ? and state = 'pending'`;

const RECORD = `update deliveries set ${LAST_ATTEMPT} where seq = ? and attempts = ?`;

/** Selects the pending deliveries of a lane, which one of its deliveries identifies. */
const OF_LANE = `
  where (d.webhook_seq, d.lane) = (select webhook_seq, lane from deliveries where seq = ?) and d.state = 'pending'`;

const OLDEST_OF_LANE = `${SELECT_READY} ${OF_LANE} order by d.seq limit 1`;

const CLAIMED_OF_LANE = `${SELECT_READY} ${OF_LANE} and d.claimed = 1 limit 1`;

const PROMOTE = `update deliveries set next_attempt_at = ?, claimed = ? where seq = ?`;

/** See `Queue.settle`. To be run in a transaction. */
export function settleDeliveries(
  db: Database,
  settlements: readonly Settlement[],
  now: number,
  pauseFailingSince: number | null,
): Settled {
  // Comes first, so that no lane of a webhook that this call pauses is promoted.
  const paused = updateWebhookHealth(db, settlements, { now, pauseFailingSince });
  const rows = new ReadyRows(db);
  const promoted: ReadyDelivery[] = [];
  for (const settlement of settlements) {
    const next = settleOne(db, settlement, { now, rows });
    if (next) promoted.push(rows.toReadyDelivery(next));
  }
  return { promoted, paused };
}

interface Settling {
  readonly now: number;
  readonly rows: ReadyRows;
}

/** Settles a delivery. Returns the row of the delivery that is next in its lane and now ready, if any. */
function settleOne(db: Database, settlement: Settlement, { now, rows }: Settling): unknown {
  const { seq, attempt, verdict } = settlement;
  const before = attempt.number - 1;
  if (before > 0) db.prepare(KEEP_ATTEMPT).run(seq, before);
  const isPending = verdict.state === 'pending';
  if (applyVerdict(db, settlement, now)) return isPending ? undefined : promoteOldest(db, seq, { now, rows });
  // The delivery was cancelled during the request, together with its whole lane;
  if (db.prepare(RECORD).run(...lastAttempt(attempt), seq, before).changes === 1) return undefined;
  // or the call is a repeat: the verdict is in force, but the answer with the next delivery was lost.
  return isPending ? undefined : db.prepare(CLAIMED_OF_LANE).get(seq);
}

/** Returns false when the delivery is no longer pending, or the attempt is already recorded. */
function applyVerdict(db: Database, { seq, attempt, verdict }: Settlement, now: number): boolean {
  const last = lastAttempt(attempt);
  const { changes } =
    verdict.state === 'pending'
      ? db.prepare(POSTPONE).run(...last, verdict.nextAttemptAt, seq, attempt.number - 1)
      : db.prepare(END).run(...last, verdict.state, now, seq, attempt.number - 1);
  return changes === 1;
}

function promoteOldest(db: Database, seq: number, { now, rows }: Settling): unknown {
  const row = db.prepare(OLDEST_OF_LANE).get(seq);
  if (!row) return undefined;
  const isPaused = rows.isPaused(row);
  db.prepare(PROMOTE).run(now, isPaused ? 0 : 1, row.seq as number);
  return isPaused ? undefined : row;
}

function lastAttempt({ number, at, durationMs, status, response, error }: Attempt) {
  return [number, at, durationMs, status, response, error] as const;
}
