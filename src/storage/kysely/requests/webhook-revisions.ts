import { type Kysely, sql } from 'kysely';
import { type SentParts, sentPartsOf, type WebhookRevision } from '../../../domain/webhook-revision.ts';
import type { SealedCredentials } from '../../encryption/webhook-credentials.ts';
import { ROW_BYTES } from '../tables/row-bytes.ts';
import type { Schema } from '../tables/schema.ts';

/** Maximum number of revisions of a webhook that are kept. An account could make them without end. */
const MAX_KEPT = 20;

/** Text that is stored in place of the parts of a revision whose credentials can't be read. */
const UNKNOWN = '';

interface RevisedRow {
  readonly seq: number;
  readonly id: string;
  readonly url: string;
  readonly credentials: string;
  readonly revision: number | null;
}

/**
 * Gives a webhook a new revision if the requests of its present revision would look different. Must be called
 * within the transaction that changes the webhook. A revision after the first one counts in the usage of the
 * account, because revisions of a deleted webhook stay as long as its deliveries.
 * @returns the number of bytes to add to the usage of the account
 */
export async function reviseWebhook(
  db: { readonly kysely: Kysely<Schema>; readonly credentials: SealedCredentials },
  { seq, id, url, credentials, revision }: RevisedRow,
  at: number,
): Promise<number> {
  const sent = JSON.stringify(sentPartsOf(db.credentials.open(id, credentials)));
  const present = await db.kysely
    .selectFrom('webhookRevisions')
    .select(['url', 'sent'])
    .where('seq', '=', revision ?? 0)
    .executeTakeFirst();
  if (present?.url === url && present.sent === sent) return 0;
  const chargedBytes =
    revision === null ? 0 : ROW_BYTES.revision + Buffer.byteLength(url) + Buffer.byteLength(sent);
  const { seq: number } = await db.kysely
    .insertInto('webhookRevisions')
    .values({ webhookSeq: seq, createdAt: at, url, sent, chargedBytes })
    .returning('seq')
    .executeTakeFirstOrThrow();
  await db.kysely.updateTable('webhooks').set({ revision: number }).where('seq', '=', seq).execute();
  return chargedBytes - (await removeOldRevisions(db.kysely, seq));
}

async function removeOldRevisions(db: Kysely<Schema>, webhookSeq: number): Promise<number> {
  const newest = db
    .selectFrom('webhookRevisions')
    .select('seq')
    .where('webhookSeq', '=', webhookSeq)
    .orderBy('seq', 'desc');
  const last = await newest.limit(1).offset(MAX_KEPT).executeTakeFirst();
  return last ? removeRevisions(db, webhookSeq, last.seq) : 0;
}

/**
 * Removes the revisions of a webhook up to the number `until`. Left out: all of them.
 * @returns the number of bytes that they counted in the usage of the account
 */
export async function removeRevisions(
  db: Kysely<Schema>,
  webhookSeq: number,
  until = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  const removed = await db
    .deleteFrom('webhookRevisions')
    .where('webhookSeq', '=', webhookSeq)
    .where('seq', '<=', until)
    .returning('chargedBytes')
    .execute();
  return removed.reduce((sum, { chargedBytes }) => sum + chargedBytes, 0);
}

/** Returns those of the revisions with the given numbers that are kept. */
export async function findRevisions(
  db: Kysely<Schema>,
  numbers: readonly number[],
): Promise<WebhookRevision[]> {
  if (numbers.length === 0) return [];
  const rows = await db
    .selectFrom('webhookRevisions')
    .select(['seq', 'url', 'sent'])
    .where('seq', 'in', numbers)
    .execute();
  return rows.map(({ seq, url, sent }) => ({ number: seq, url, sent: partsOf(sent) }));
}

function partsOf(sent: string | null): SentParts | null {
  return sent === null || sent === UNKNOWN ? null : JSON.parse(sent);
}

/**
 * Completes the revisions that the migration made of older webhooks: the names of their headers are encrypted,
 * so that the migration could not read them. Completes up to `limit` revisions, and returns how many it has
 * found.
 */
export async function completeRevisions(
  db: Kysely<Schema>,
  credentials: SealedCredentials,
  limit: number,
): Promise<number> {
  const rows = await db
    .selectFrom('webhookRevisions')
    .innerJoin('webhooks', 'webhooks.seq', 'webhookRevisions.webhookSeq')
    .select(['webhookRevisions.seq', 'webhooks.id', 'webhooks.credentials'])
    // The SQL contains the condition of the partial index in the same words, so that the index is used.
    .where(sql<boolean>`webhook_revisions.sent is null`)
    .limit(limit)
    .execute();
  for (const { seq, id, credentials: sealed } of rows) {
    const sent = textOf(credentials, id, sealed);
    await db.updateTable('webhookRevisions').set({ sent }).where('seq', '=', seq).execute();
  }
  return rows.length;
}

function textOf(credentials: SealedCredentials, webhookId: string, sealed: string): string {
  try {
    return JSON.stringify(sentPartsOf(credentials.open(webhookId, sealed)));
  } catch {
    // One damaged row must not keep the service from starting. The webhook's attempts will say what is wrong.
    return UNKNOWN;
  }
}
