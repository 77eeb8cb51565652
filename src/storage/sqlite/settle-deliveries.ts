import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Settled } from '../storage.ts';
import type { Database } from './database.ts';
import { noteAttempts } from './note-attempts.ts';
import { ReadyRows, SELECT_READY } from './ready-delivery.ts';

const INSERT_ATTEMPT = `
  insert into attempts (delivery_seq, number, at, duration_ms, status, response, error) values (?, ?, ?, ?, ?, ?, ?)
  on conflict (delivery_seq, number) do nothing`;

const END = `
  update deliveries set state = ?, attempts = ?, next_attempt_at = null, claimed = 0, ended_at = ?
  where seq = ? and state = 'pending'`;

const POSTPONE = `
  update deliveries set attempts = ?, next_attempt_at = ?, claimed = 0 where seq = ? and state = 'pending'`;

const COUNT_ATTEMPT = `update deliveries set attempts = ? where seq = ?`;

const OLDEST_OF_LANE = `
  ${SELECT_READY}
  where d.webhook_id = ? and d.media_id = ? and d.state = 'pending'
  order by d.seq limit 1`;

const CLAIMED_OF_LANE = `
  ${SELECT_READY}
  where d.webhook_id = ? and d.media_id = ? and d.state = 'pending' and d.claimed = 1 limit 1`;

const PROMOTE = `update deliveries set next_attempt_at = ?, claimed = ? where seq = ?`;

/** See `Queue.settle`. To be run in a transaction. */
export function settleDeliveries(
  db: Database,
  settlements: readonly Settlement[],
  now: number,
  pauseFailingSince: number | null,
): Settled {
  const areNew = settlements.map((settlement) => recordAttempt(db, settlement));
  // Before the lanes go on, so that those of a webhook that is paused by this don't.
  const paused = noteAttempts(db, settlements, { now, pauseFailingSince });
  const rows = new ReadyRows();
  const promoted: ReadyDelivery[] = [];
  for (const [index, settlement] of settlements.entries()) {
    const next = areNew[index] ? applyAndPromote(db, settlement, now) : promotedBefore(db, settlement);
    if (next) promoted.push(rows.toReadyDelivery(next));
  }
  return { promoted, paused };
}

/** False when it is recorded already. */
function recordAttempt(db: Database, { seq, attempt }: Settlement): boolean {
  const { number, at, durationMs, status, response, error } = attempt;
  const { changes } = db.prepare(INSERT_ATTEMPT).run(seq, number, at, durationMs, status, response, error);
  return changes === 1;
}

/** True when the delivery ended by this, so that its lane may go on. */
function applyVerdict(db: Database, { seq, attempt, verdict }: Settlement, now: number): boolean {
  const { changes } =
    verdict.state === 'pending'
      ? db.prepare(POSTPONE).run(attempt.number, verdict.nextAttemptAt, seq)
      : db.prepare(END).run(verdict.state, attempt.number, now, seq);
  // It was cancelled while the request was under way, along with all of its lane.
  if (changes === 0) db.prepare(COUNT_ATTEMPT).run(attempt.number, seq);
  return changes === 1 && verdict.state !== 'pending';
}

function applyAndPromote(db: Database, settlement: Settlement, now: number): unknown {
  if (!applyVerdict(db, settlement, now)) return undefined;
  const row = db.prepare(OLDEST_OF_LANE).get(settlement.webhookId, settlement.mediaId);
  if (!row) return undefined;
  const isPaused = row.pausedAt !== null;
  db.prepare(PROMOTE).run(now, isPaused ? 0 : 1, row.seq as number);
  return isPaused ? undefined : row;
}

/** For a repeat: its verdict holds already, but the answer that told of the next one was lost. */
function promotedBefore(db: Database, { webhookId, mediaId, verdict }: Settlement): unknown {
  if (verdict.state === 'pending') return undefined;
  return db.prepare(CLAIMED_OF_LANE).get(webhookId, mediaId);
}
