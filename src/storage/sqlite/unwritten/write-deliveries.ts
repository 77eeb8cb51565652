import type { Attempt } from '../../../domain/delivery.ts';
import type { DeliveryRows } from './delivery-rows.ts';
import type { UnwrittenDelivery } from './unwritten-deliveries.ts';

const INSERT_PENDING = `
  insert into deliveries (seq, event_seq, webhook_seq, lane, event_type, state,
    attempts, attempts_before, next_attempt_at, claimed, created_at)
  values (?, ?, ?, ?, ?, 'pending', 0, 0, ?, ?, ?)
  on conflict (seq) do nothing`;

const INSERT_SUCCEEDED = `
  insert into deliveries (seq, event_seq, webhook_seq, lane, event_type, state,
    attempts, attempts_before, claimed, created_at, ended_at,
    last_at, last_duration_ms, last_status, last_response, last_error, last_revision)
  values (?, ?, ?, ?, ?, 'succeeded', 1, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (seq) do nothing`;

const OF_ROW = `select event_seq as eventSeq, webhook_seq as webhookSeq from deliveries where seq = ?`;

/**
 * Writes the row of a pending delivery, which must be the first unwritten one of its lane. Must be called within a
 * transaction.
 */
export function writePending(db: DeliveryRows, delivery: UnwrittenDelivery): void {
  const { seq, event, webhookSeq, createdAt, state, dueAt } = delivery;
  const dueColumn = state === 'waiting' ? null : dueAt;
  const isClaimed = state === 'claimed' ? 1 : 0;
  const { changes } = db
    .prepare(INSERT_PENDING)
    .run(...[seq, event.seq, webhookSeq, event.lane, event.type], ...[dueColumn, isClaimed, createdAt]);
  if (changes === 0) checkRow(db, delivery);
  db.unwritten.remove(delivery);
  db.backlogs.noteRows(webhookSeq);
}

/** Writes the rows of a delivery, and of the unwritten deliveries before it in its lane. */
export function writeUpTo(db: DeliveryRows, delivery: UnwrittenDelivery): void {
  const { webhookSeq, event, seq } = delivery;
  for (;;) {
    const first = db.unwritten.firstOf(webhookSeq, event.lane);
    if (!first || first.seq > seq) return;
    writePending(db, first);
  }
}

/**
 * Writes the row of a delivery whose first attempt has succeeded. Must be called within a transaction. The delivery
 * must be the first unwritten one of its lane, and its lane must have no pending row.
 * @returns whether the row is new. `false`: another process has written a row already
 */
export function writeSucceeded(
  db: DeliveryRows,
  delivery: UnwrittenDelivery,
  attempt: Attempt,
  now: number,
): boolean {
  const { seq, event, webhookSeq, createdAt } = delivery;
  const { at, durationMs, status, response, error, revision } = attempt;
  const { changes } = db
    .prepare(INSERT_SUCCEEDED)
    .run(
      seq,
      event.seq,
      webhookSeq,
      event.lane,
      event.type,
      createdAt,
      now,
      at,
      durationMs,
      status,
      response,
      error,
      revision,
    );
  if (changes === 0) checkRow(db, delivery);
  db.unwritten.remove(delivery);
  return changes === 1;
}

/** Checks that the row which another process has written is that of the delivery. */
function checkRow(db: DeliveryRows, { seq, event, webhookSeq }: UnwrittenDelivery): void {
  const row = db.prepare(OF_ROW).get(seq);
  if (row?.eventSeq === event.seq && row?.webhookSeq === webhookSeq) return;
  throw new Error(
    `the number ${seq} of a delivery was given twice: another process commits events here, too`,
  );
}

/**
 * Writes the rows of the oldest unwritten deliveries, at most `limit`. Must be called within a transaction.
 * @param mayWrite returns whether a delivery is to be written. It must not exclude a delivery and accept a later one of the same lane
 */
export function writeOldest(
  db: DeliveryRows,
  limit: number,
  mayWrite: (delivery: UnwrittenDelivery) => boolean = () => true,
): void {
  if (db.unwritten.size === 0) return;
  let written = 0;
  for (const delivery of db.unwritten.inOrder()) {
    if (written >= limit) return;
    if (!mayWrite(delivery)) continue;
    writePending(db, delivery);
    written += 1;
  }
}
