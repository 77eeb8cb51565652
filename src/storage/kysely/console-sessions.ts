import type { Kysely } from 'kysely';
import type { Actor, Change } from '../../domain/audit.ts';
import type { ConsoleLink, ConsoleSession, SignInMeans } from '../../domain/console-session.ts';
import {
  type FoundSession,
  MOST_CONSOLE_LINKS,
  MOST_CONSOLE_SESSIONS,
} from '../contracts/console-sessions.ts';
import { findApiKeyById } from './api-keys.ts';
import { record } from './audit.ts';
import type { Schema } from './tables/schema.ts';

/** Maximum number of expired rows that one call removes, so that it stays short. */
const MOST_REMOVED = 100;

/** Implements `ConsoleSessionStore.create`. Must be called within a transaction. */
export async function createSession(
  db: Kysely<Schema>,
  session: ConsoleSession,
  by: Actor | null,
): Promise<void> {
  const { userId, createdAt: at } = session;
  await makeRoom(db, 'consoleSessions', { userId, most: MOST_CONSOLE_SESSIONS, now: at });
  await db.insertInto('consoleSessions').values(session).execute();
  await record(db, by, { at, accountId: userId, action: 'account.signed_in', targetId: userId });
}

export async function findSession(db: Kysely<Schema>, id: string): Promise<FoundSession | null> {
  const row = await db.selectFrom('consoleSessions').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return null;
  const session = { ...row, means: row.means as SignInMeans };
  if (row.apiKeyId === null) return { session, apiKey: null };
  const apiKey = await findApiKeyById(db, row.userId, row.apiKeyId);
  return apiKey && { session, apiKey };
}

/** Implements `ConsoleSessionStore.end`. Must be called within a transaction. */
export async function endSession(
  db: Kysely<Schema>,
  userId: string,
  id: string,
  { at, by }: Change,
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('consoleSessions')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (Number(numDeletedRows) === 0) return false;
  await record(db, by, { at, accountId: userId, action: 'account.signed_out', targetId: userId });
  return true;
}

/** Implements `ConsoleSessionStore.createLink`. Must be called within a transaction. */
export async function createLink(db: Kysely<Schema>, link: ConsoleLink, by: Actor): Promise<void> {
  const { userId, createdAt: at } = link;
  await makeRoom(db, 'consoleLinks', { userId, most: MOST_CONSOLE_LINKS, now: at });
  await db.insertInto('consoleLinks').values(link).execute();
  const action = 'account.console_link_issued';
  await record(db, by, { at, accountId: userId, action, targetId: userId });
}

/** Implements `ConsoleSessionStore.redeemLink`. Must be called within a transaction. */
export async function redeemLink(
  db: Kysely<Schema>,
  linkId: string,
  opened: Omit<ConsoleSession, 'userId' | 'generation'>,
  by: Actor,
): Promise<ConsoleSession | null> {
  const link = await db.deleteFrom('consoleLinks').where('id', '=', linkId).returningAll().executeTakeFirst();
  if (!link || link.expiresAt <= opened.createdAt) return null;
  const { userId } = link;
  const account = await db
    .selectFrom('accounts')
    .select(['isDisabled', 'tokenGeneration'])
    .where('id', '=', userId)
    .executeTakeFirst();
  if (!account || account.isDisabled === 1) return null;
  const session = { ...opened, userId, generation: account.tokenGeneration };
  await createSession(db, session, { ...by, accountId: userId });
  return session;
}

/** Removes expired rows, and the oldest rows of an account that has `most`. */
async function makeRoom(
  db: Kysely<Schema>,
  table: 'consoleSessions' | 'consoleLinks',
  { userId, most, now }: { readonly userId: string; readonly most: number; readonly now: number },
): Promise<void> {
  const expired = db.selectFrom(table).select('id').where('expiresAt', '<=', now).limit(MOST_REMOVED);
  await db.deleteFrom(table).where('id', 'in', expired).execute();
  const older = db
    .selectFrom(table)
    .select('id')
    .where('userId', '=', userId)
    .orderBy('createdAt', 'desc')
    .orderBy('id')
    .limit(MOST_REMOVED)
    .offset(most - 1);
  await db.deleteFrom(table).where('id', 'in', older).execute();
}
