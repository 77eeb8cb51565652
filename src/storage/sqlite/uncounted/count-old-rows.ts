import type { Charges, CountStep, Statements } from './charges.ts';
import { countAttempts } from './count-attempts.ts';
import { countEvents } from './count-events.ts';
import { countAuditRecords, countMedia, countRevisions } from './count-texts.ts';

const STEPS: Readonly<Record<string, CountStep>> = {
  media: countMedia,
  events: countEvents,
  attempts: countAttempts,
  audit_records: countAuditRecords,
  webhook_revisions: countRevisions,
};

const NEXT_KIND = `select kind, place, until from uncounted_rows order by kind limit 1`;
const CONTINUE = `update uncounted_rows set place = ? where kind = ?`;
const END = `delete from uncounted_rows where kind = ?`;
const CHARGE = `
  insert into record_usage (user_id, bytes) values (?1, max(0, ?2))
  on conflict (user_id) do update set bytes = max(0, bytes + ?2)`;

/**
 * Implements `UsageStore.countOldRows`. Must be called within a transaction. Only databases of SQLite have such rows. The
 * rows are visited by their primary keys, and only those that older versions might have written, so that all of their
 * deliveries have rows.
 */
export function countOldRows(db: Statements, limit: number): boolean {
  const next = db.prepare(NEXT_KIND).get() as
    | { readonly kind: string; readonly place: string | null; readonly until: string }
    | undefined;
  if (!next) return true;
  const { kind, place, until } = next;
  const step = STEPS[kind];
  if (!step) throw new Error(`rows of an unknown kind are to be counted: ${kind}`);
  const charges: Charges = new Map();
  const after = step(db, { place, until, limit }, charges);
  for (const [userId, bytes] of charges) db.prepare(CHARGE).run(userId, bytes);
  if (after === null) db.prepare(END).run(kind);
  else db.prepare(CONTINUE).run(after, kind);
  return false;
}
