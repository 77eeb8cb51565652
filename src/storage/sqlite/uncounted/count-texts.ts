import { ROW_BYTES } from '../../kysely/tables/row-bytes.ts';
import { addCharge, type Charges, type Statements, type UncountedRange } from './charges.ts';

const MEDIA = `
  select id, user_id as userId, charged_bytes as chargedBytes, status = 'deleted' as isDeleted,
    (select count(*) from media_qualities where media_id = id) as qualities,
    octet_length(title) + octet_length(description) + octet_length(tags) + octet_length(metadata)
      + octet_length(notes) as textBytes
  from media where id > ? and id <= ? order by id limit ?`;
const STATE_MEDIA = `update media set charged_bytes = ? where id = ?`;

interface MediaRow {
  readonly id: string;
  readonly userId: string;
  readonly chargedBytes: number;
  readonly isDeleted: number;
  readonly qualities: number;
  readonly textBytes: number;
}

/**
 * Counts media. A media that an older version created counts a part of its bytes if its texts were changed since, so that
 * all are computed again.
 */
export function countMedia(
  db: Statements,
  { place, until, limit }: UncountedRange,
  charges: Charges,
): string | null {
  const rows = db.prepare(MEDIA).all(place ?? '', until, limit) as unknown as MediaRow[];
  for (const { id, userId, chargedBytes, isDeleted, qualities, textBytes } of rows) {
    const bytes =
      isDeleted === 1 ? ROW_BYTES.deletedMedia : ROW_BYTES.media + qualities * ROW_BYTES.quality + textBytes;
    if (bytes === chargedBytes) continue;
    db.prepare(STATE_MEDIA).run(bytes, id);
    addCharge(charges, userId, bytes - chargedBytes);
  }
  return rows.length === limit ? (rows.at(-1)?.id ?? null) : null;
}

// Refused sign-ins are not counted.
const RECORDS = `
  select id, user_id as userId, charged_bytes = 0 and action <> 'account.sign_in_refused' as isOld
  from audit_records where id > ? and id <= ? order by id limit ?`;
const STATE_RECORD = `update audit_records set charged_bytes = ? where id = ?`;

/** Counts audit records. */
export function countAuditRecords(
  db: Statements,
  { place, until, limit }: UncountedRange,
  charges: Charges,
): string | null {
  const rows = db.prepare(RECORDS).all(place ?? '', until, limit) as unknown as {
    readonly id: string;
    readonly userId: string | null;
    readonly isOld: number;
  }[];
  for (const { id, userId, isOld } of rows) {
    if (isOld === 0) continue;
    db.prepare(STATE_RECORD).run(ROW_BYTES.auditRecord, id);
    if (userId !== null) addCharge(charges, userId, ROW_BYTES.auditRecord);
  }
  return rows.length === limit ? (rows.at(-1)?.id ?? null) : null;
}

// The first revision of a webhook counts nothing.
const REVISIONS = `
  select r.seq, w.user_id as userId, octet_length(r.url) + coalesce(octet_length(r.sent), 0) as textBytes,
    r.charged_bytes = 0 and exists (
      select 1 from webhook_revisions o where o.webhook_seq = r.webhook_seq and o.seq < r.seq) as isOld
  from webhook_revisions r join webhooks w on w.seq = r.webhook_seq
  where r.seq > ? and r.seq <= ? order by r.seq limit ?`;
const STATE_REVISION = `update webhook_revisions set charged_bytes = ? where seq = ?`;

/** Counts revisions of webhooks. */
export function countRevisions(
  db: Statements,
  { place, until, limit }: UncountedRange,
  charges: Charges,
): string | null {
  const rows = db.prepare(REVISIONS).all(Number(place ?? 0), Number(until), limit) as unknown as {
    readonly seq: number;
    readonly userId: string;
    readonly textBytes: number;
    readonly isOld: number;
  }[];
  for (const { seq, userId, textBytes, isOld } of rows) {
    if (isOld === 0) continue;
    const bytes = ROW_BYTES.revision + textBytes;
    db.prepare(STATE_REVISION).run(bytes, seq);
    addCharge(charges, userId, bytes);
  }
  return rows.length === limit ? String(rows.at(-1)?.seq) : null;
}
