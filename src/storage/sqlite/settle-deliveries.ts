import type { Attempt, ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Settled } from '../contracts/queue.ts';
import { ROW_BYTES } from '../kysely/tables/row-bytes.ts';
import type { Database } from './database.ts';
import { ReadyRows, SELECT_READY } from './ready-delivery.ts';
import type { UnwrittenDelivery } from './unwritten/unwritten-deliveries.ts';
import { writePending, writeSucceeded, writeUpTo } from './unwritten/write-deliveries.ts';
import { type HealthTimes, updateWebhookHealth } from './update-webhook-health.ts';

/**
 * Copies the previous attempt from the delivery's row to the table of attempts. The delivery's row stores
 * only the last attempt.
 */
const KEEP_ATTEMPT = `
  insert into attempts (delivery_seq, number, at, duration_ms, status, response, error, revision, charged_bytes)
  select seq, attempts, last_at, last_duration_ms, last_status, last_response, last_error, last_revision,
    ${ROW_BYTES.attempt}
  from deliveries where seq = ? and attempts = ?`;

/** Counts a row of the table of attempts in the usage of the account. */
const CHARGE_ATTEMPT = `
  insert into record_usage (user_id, bytes)
  select w.user_id, ${ROW_BYTES.attempt} from deliveries d join webhooks w on w.seq = d.webhook_seq where d.seq = ?
  on conflict (user_id) do update set bytes = bytes + excluded.bytes`;

const LAST_ATTEMPT = `
  attempts = ?, last_at = ?, last_duration_ms = ?, last_status = ?, last_response = ?, last_error = ?,
  last_revision = ?`;

// The statements below update a delivery only if its last recorded attempt is the one before the new attempt.
// So each attempt is recorded only once, even if the call is repeated.
const END = `
  update deliveries set ${LAST_ATTEMPT}, state = ?, next_attempt_at = null, claimed = 0, ended_at = ?
  where seq = ? and attempts = ? and state = 'pending'`;

const POSTPONE = `
  update deliveries set ${LAST_ATTEMPT}, next_attempt_at = ?, claimed = 0
  where seq = ? and attempts = ? and state = 'pending'`;

/** Postpones a delivery after an attempt that does not count in its retry schedule. */
const POSTPONE_UNCOUNTED = `
  update deliveries set ${LAST_ATTEMPT}, attempts_before = attempts_before + 1, next_attempt_at = ?, claimed = 0
  where seq = ? and attempts = ? and state = 'pending'`;

const RECORD = `update deliveries set ${LAST_ATTEMPT} where seq = ? and attempts = ?`;

/** Selects the pending deliveries in the lane of a given delivery. */
const OF_LANE = `
  where (d.webhook_seq, d.lane) = (select webhook_seq, lane from deliveries where seq = ?) and d.state = 'pending'`;

const OLDEST_OF_LANE = `${SELECT_READY} ${OF_LANE} order by d.seq limit 1`;

const LANE = `select webhook_seq as webhookSeq, lane from deliveries where seq = ?`;

const CLAIMED_OF_LANE = `${SELECT_READY} ${OF_LANE} and d.claimed = 1 limit 1`;

const PROMOTE = `update deliveries set next_attempt_at = ?, claimed = ? where seq = ?`;

/** Implements `Queue.settle`. Must be called within a transaction. */
export function settleDeliveries(
  db: Database,
  settlements: readonly Settlement[],
  { now, steadyNow, pauseFailingSince }: HealthTimes,
): Settled {
  // Webhooks are paused before waiting deliveries become ready. So the call claims no delivery of a webhook
  // that it pauses.
  const paused = updateWebhookHealth(db, settlements, { now, steadyNow, pauseFailingSince });
  const rows = new ReadyRows(db);
  const settling = { now, steadyNow, rows };
  const promoted: ReadyDelivery[] = [];
  for (const settlement of settlements) {
    const next = settleOne(db, settlement, settling);
    if (next) promoted.push(next);
  }
  return { promoted, paused };
}

interface Settling {
  readonly now: number;
  readonly steadyNow: number;
  readonly rows: ReadyRows;
}

/** Settles a delivery. Returns the next delivery of the lane if that delivery is ready and claimed now. */
function settleOne(db: Database, settlement: Settlement, settling: Settling): ReadyDelivery | undefined {
  const unwritten = db.unwritten.get(settlement.seq);
  if (!unwritten) return settleRow(db, settlement, settling);
  const { attempt, verdict } = settlement;
  const isOrdinary = verdict.state === 'succeeded' && attempt.number === 1 && unwritten.state === 'claimed';
  if (isOrdinary && writeSucceeded(db, unwritten, attempt, settling.now))
    return promoteUnwritten(db, unwritten.next ?? undefined, settling);
  if (!isOrdinary) writeUpTo(db, unwritten);
  return settleRow(db, settlement, settling);
}

/** Settles a delivery that has a row. Returns the next delivery of the lane, as `settleOne` does. */
function settleRow(db: Database, settlement: Settlement, settling: Settling): ReadyDelivery | undefined {
  const { seq, attempt, verdict } = settlement;
  const before = attempt.number - 1;
  if (before > 0 && db.prepare(KEEP_ATTEMPT).run(seq, before).changes === 1)
    db.prepare(CHARGE_ATTEMPT).run(seq);
  const isPending = verdict.state === 'pending';
  if (applyVerdict(db, settlement, settling.now))
    return isPending ? undefined : promoteOldest(db, seq, settling);
  // If the delivery was cancelled during the request, only its attempt is recorded. No delivery follows,
  // because the whole lane is cancelled.
  if (db.prepare(RECORD).run(...lastAttempt(attempt), seq, before).changes === 1) return undefined;
  // If an earlier call recorded the settlement and its answer was lost, this call returns the same answer:
  // the next delivery of the lane, which the earlier call has claimed.
  return isPending ? undefined : claimedOfLane(db, seq, settling);
}

/**
 * Stores the attempt and the verdict. Returns false, and changes nothing, when the delivery is no longer
 * pending or the attempt is already recorded.
 */
function applyVerdict(db: Database, { seq, attempt, verdict, receiver }: Settlement, now: number): boolean {
  const last = lastAttempt(attempt);
  const postpone = receiver === 'unknown' ? POSTPONE_UNCOUNTED : POSTPONE;
  const { changes } =
    verdict.state === 'pending'
      ? db.prepare(postpone).run(...last, verdict.nextAttemptAt, seq, attempt.number - 1)
      : db.prepare(END).run(...last, verdict.state, now, seq, attempt.number - 1);
  return changes === 1;
}

/** Makes the oldest pending delivery of a lane ready, after a delivery with a row has ended. */
function promoteOldest(db: Database, seq: number, settling: Settling): ReadyDelivery | undefined {
  const row = db.prepare(OLDEST_OF_LANE).get(seq);
  if (!row) return promoteUnwritten(db, firstUnwritten(db, seq), settling);
  const { steadyNow, rows } = settling;
  const isPaused = rows.isPaused(row);
  db.prepare(PROMOTE).run(steadyNow, isPaused ? 0 : 1, row.seq as number);
  return isPaused ? undefined : rows.toReadyDelivery(row);
}

/**
 * Makes an unwritten delivery ready, after the delivery before it has ended. If its webhook is paused, it gets its row,
 * because a claim must find it later.
 */
function promoteUnwritten(
  db: Database,
  delivery: UnwrittenDelivery | undefined,
  { steadyNow, rows }: Settling,
): ReadyDelivery | undefined {
  if (!delivery) return undefined;
  const isPaused = rows.isWebhookPaused(delivery.webhookSeq);
  db.unwritten.makeReady(delivery, isPaused ? 'due' : 'claimed', steadyNow);
  if (!isPaused) return rows.readyOf(delivery);
  writePending(db, delivery);
  return undefined;
}

function claimedOfLane(db: Database, seq: number, { rows }: Settling): ReadyDelivery | undefined {
  const row = db.prepare(CLAIMED_OF_LANE).get(seq);
  if (row) return rows.toReadyDelivery(row);
  const unwritten = firstUnwritten(db, seq);
  return unwritten?.state === 'claimed' ? rows.readyOf(unwritten) : undefined;
}

/** Returns the oldest unwritten delivery in the lane of a delivery that has a row. */
function firstUnwritten(db: Database, seq: number): UnwrittenDelivery | undefined {
  if (db.unwritten.size === 0) return undefined;
  const row = db.prepare(LANE).get(seq);
  return row && db.unwritten.firstOf(Number(row.webhookSeq), Number(row.lane));
}

function lastAttempt({ number, at, durationMs, status, response, error, revision }: Attempt) {
  return [number, at, durationMs, status, response, error, revision] as const;
}
