import { randomUUIDv7 } from 'node:crypto';
import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { Actor, AuditAction, AuditEntry, AuditRecord, CredentialKind } from '../../domain/audit.ts';
import type { AuditListRequest } from '../contracts/audit.ts';
import type { Page } from '../contracts/page.ts';
import { charge } from './limits/account-limits.ts';
import { is, pageOf, type Reading } from './list-query.ts';
import { ROW_BYTES } from './tables/row-bytes.ts';
import type { AuditRecordsTable, Schema } from './tables/schema.ts';

type AuditQuery = SelectQueryBuilder<Schema, 'auditRecords', object>;

/** Maximum number of refused sign-ins to one account that are recorded within `REFUSED_WITHIN_MS`. */
const MOST_REFUSED = 100;
const REFUSED_WITHIN_MS = 3_600_000;

/** Implements `AuditStore.add`. Must be called within a transaction. */
export async function addRecord(db: Kysely<Schema>, entry: AuditEntry, by: Actor): Promise<void> {
  if (entry.action === 'account.sign_in_refused' && (await refusedLately(db, entry)) >= MOST_REFUSED) return;
  await record(db, by, entry);
}

async function refusedLately(db: Kysely<Schema>, { accountId, at }: AuditEntry): Promise<number> {
  const { count } = await db
    .selectFrom('auditRecords')
    .where('userId', '=', accountId)
    .where('createdAt', '>', at - REFUSED_WITHIN_MS)
    // The SQL contains the value itself instead of a parameter, because a partial index is not used with a
    // parameter.
    .where(sql<boolean>`action = 'account.sign_in_refused'`)
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Writes the audit record of a change. Must be called in the transaction of the change. If `by` is null, no
 * record is written.
 */
export async function record(db: Kysely<Schema>, by: Actor | null, entry: AuditEntry): Promise<void> {
  if (!by) return;
  const row = recordRow(by, entry);
  await db.insertInto('auditRecords').values(row).execute();
  if (row.userId !== null) await charge(db, row.userId, row.chargedBytes);
}

/**
 * Returns the columns of an audit record. Both Kysely's queries and the queries that are written as SQL text
 * insert these columns.
 */
export function recordRow(by: Actor, { at, accountId, action, targetId, changed = [] }: AuditEntry) {
  return {
    id: randomUUIDv7(),
    createdAt: at,
    userId: accountId,
    action,
    targetId,
    changed: JSON.stringify(changed),
    actorId: by.accountId,
    credential: by.credential,
    apiKeyId: by.apiKey?.id ?? null,
    publicKey: by.apiKey?.publicKey ?? null,
    address: by.address,
    requestId: by.requestId,
    // Refused sign-ins are not counted, because anyone can cause them. Their number has a limit of its own.
    chargedBytes: action === 'account.sign_in_refused' ? 0 : ROW_BYTES.auditRecord,
  };
}

/** Returns the names of the columns in `after` whose values differ from the values in `before`. */
export function changedColumns(before: object, after: object): string[] {
  const columns = before as Record<string, unknown>;
  return Object.entries(after)
    .filter(([name, value]) => columns[name] !== value)
    .map(([name]) => name);
}

export async function listAuditRecords(
  reading: Reading,
  { of, action, targetId, actorId, since, until, ...request }: AuditListRequest,
): Promise<Page<AuditRecord>> {
  const ofAccount = of === 'all' ? null : isOf(of.accountId);
  const visited = (query: AuditQuery) => {
    // Only one of the two conditions chooses the rows to visit, because there is an index for each of them.
    let rows = query;
    if (targetId !== null) rows = rows.where('targetId', '=', targetId);
    else if (ofAccount !== null) rows = rows.where(ofAccount);
    if (since !== null) rows = rows.where('createdAt', '>=', since);
    return until === null ? rows : rows.where('createdAt', '<', until);
  };
  const conditions = [
    ...(ofAccount === null || targetId === null ? [] : [ofAccount]),
    ...(action === null ? [] : [is('action', action)]),
    ...(actorId === null ? [] : [is('actorId', actorId)]),
  ];
  const listing = { table: 'auditRecords', visited, conditions } as const;
  const { rows, total } = await pageOf(reading, listing, { ...request, sortBy: 'createdAt' });
  return { items: rows.map(toRecord), total };
}

/** Condition that a record concerns an account, or the service as a whole (`null`). */
function isOf(accountId: string | null) {
  return accountId === null ? sql<boolean>`${sql.ref('userId')} is null` : is('userId', accountId);
}

function toRecord(row: Selectable<AuditRecordsTable>): AuditRecord {
  const { apiKeyId, publicKey } = row;
  return {
    id: row.id,
    at: row.createdAt,
    accountId: row.userId,
    action: row.action as AuditAction,
    targetId: row.targetId,
    changed: JSON.parse(row.changed),
    actor: {
      accountId: row.actorId,
      credential: row.credential as CredentialKind,
      apiKey: apiKeyId === null || publicKey === null ? null : { id: apiKeyId, publicKey },
      address: row.address,
      requestId: row.requestId,
    },
  };
}
