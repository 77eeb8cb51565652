import type { Kysely, Selectable } from 'kysely';
import type { EventType } from '../../../domain/event.ts';
import type { WebhookCheck } from '../../../domain/webhook-check.ts';
import type { Schema, WebhookChecksTable } from '../tables/schema.ts';

/** Maximum number of checks of a webhook that are kept. */
const MAX_KEPT = 20;

/** Implements `WebhookStore.addCheck`. Must be called within a transaction. */
export async function addCheck(
  db: Kysely<Schema>,
  userId: string,
  webhookId: string,
  { headers, ...check }: WebhookCheck,
): Promise<void> {
  const webhookSeq = await seqOf(db, userId, webhookId);
  if (webhookSeq === null) return;
  await db
    .insertInto('webhookChecks')
    .values({ ...check, headers: JSON.stringify(headers), webhookSeq })
    .execute();
  const newest = db.selectFrom('webhookChecks').select('id').where('webhookSeq', '=', webhookSeq);
  const last = await newest.orderBy('id', 'desc').limit(1).offset(MAX_KEPT).executeTakeFirst();
  if (!last) return;
  await db
    .deleteFrom('webhookChecks')
    .where('webhookSeq', '=', webhookSeq)
    .where('id', '<=', last.id)
    .execute();
}

/** Implements `WebhookStore.checks`. */
export async function listChecks(
  db: Kysely<Schema>,
  userId: string,
  webhookId: string,
): Promise<WebhookCheck[] | null> {
  const webhookSeq = await seqOf(db, userId, webhookId);
  if (webhookSeq === null) return null;
  const rows = await db
    .selectFrom('webhookChecks')
    .selectAll()
    .where('webhookSeq', '=', webhookSeq)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(toCheck);
}

async function seqOf(db: Kysely<Schema>, userId: string, webhookId: string): Promise<number | null> {
  const row = await db
    .selectFrom('webhooks')
    .select('seq')
    .where('userId', '=', userId)
    .where('id', '=', webhookId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  return row?.seq ?? null;
}

function toCheck({ webhookSeq: _, ...row }: Selectable<WebhookChecksTable>): WebhookCheck {
  return { ...row, eventType: row.eventType as EventType, headers: JSON.parse(row.headers) };
}
