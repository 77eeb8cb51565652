import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Database } from './database.ts';
import { SELECT_READY, toReadyDelivery } from './ready-delivery.ts';

const INSERT_ATTEMPT = `
  insert into attempts (delivery_seq, number, at, duration_ms, status, response, error) values (?, ?, ?, ?, ?, ?, ?)`;

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

const PROMOTE = `update deliveries set next_attempt_at = ?, claimed = 1 where seq = ?`;

const TRIGGERED = `update webhooks set last_triggered_at = ? where id = ?`;

/** See `Queue.settle`. To be run in a transaction. */
export function settleDeliveries(
  db: Database,
  settlements: readonly Settlement[],
  now: number,
): ReadyDelivery[] {
  const promoted: ReadyDelivery[] = [];
  const triggeredAt = new Map<string, number>();
  for (const settlement of settlements) {
    const { delivery, attempt } = settlement;
    recordAttempt(db, settlement);
    triggeredAt.set(delivery.webhookId, attempt.at);
    if (!applyVerdict(db, settlement, now)) continue;
    const next = promoteOldest(db, delivery, now);
    if (next) promoted.push(next);
  }
  for (const [webhookId, at] of triggeredAt) db.prepare(TRIGGERED).run(at, webhookId);
  return promoted;
}

function recordAttempt(db: Database, { delivery, attempt }: Settlement): void {
  db.prepare(INSERT_ATTEMPT).run(
    delivery.seq,
    attempt.number,
    attempt.at,
    attempt.durationMs,
    attempt.status,
    attempt.response,
    attempt.error,
  );
}

/** True when the delivery ended by this, so that its lane may go on. */
function applyVerdict(db: Database, { delivery, attempt, verdict }: Settlement, now: number): boolean {
  const { changes } =
    verdict.state === 'pending'
      ? db.prepare(POSTPONE).run(attempt.number, verdict.nextAttemptAt, delivery.seq)
      : db.prepare(END).run(verdict.state, attempt.number, now, delivery.seq);
  // It was cancelled while the request was under way, along with all of its lane.
  if (changes === 0) db.prepare(COUNT_ATTEMPT).run(attempt.number, delivery.seq);
  return changes === 1 && verdict.state !== 'pending';
}

function promoteOldest(
  db: Database,
  { webhookId, mediaId }: ReadyDelivery,
  now: number,
): ReadyDelivery | null {
  const row = db.prepare(OLDEST_OF_LANE).get(webhookId, mediaId);
  if (!row) return null;
  const next = toReadyDelivery(row);
  db.prepare(PROMOTE).run(now, next.seq);
  return next;
}
