import { type Kysely, sql } from 'kysely';
import type { Account, AccountChanges } from '../../domain/account.ts';
import type { Actor, AuditAction, Change } from '../../domain/audit.ts';
import { ServiceError } from '../../domain/errors.ts';
import type { AccountListRequest, PasswordHashes } from '../contracts/accounts.ts';
import type { Page } from '../contracts/page.ts';
import { changedColumns, record } from './audit.ts';
import { all, chunksOf, contains, is, pageOf, type Reading } from './list-query.ts';
import type { AccountsTable, Schema } from './tables/schema.ts';

export async function createAccount(db: Kysely<Schema>, account: Account, by: Actor | null): Promise<void> {
  const { isOperator, isDisabled, ...columns } = account;
  const row = await db
    .insertInto('accounts')
    .values({ ...columns, isOperator: Number(isOperator), isDisabled: Number(isDisabled) })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row)
    throw new ServiceError('conflict', `an account with the email address ${account.email} exists already`);
  const { id, createdAt: at } = account;
  await record(db, by, { at, accountId: id, action: 'account.created', targetId: id });
}

export async function findAccount(db: Kysely<Schema>, id: string): Promise<Account | null> {
  const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toAccount(row) : null;
}

export async function findAccountByEmail(db: Kysely<Schema>, email: string): Promise<Account | null> {
  const row = await db.selectFrom('accounts').selectAll().where('email', '=', email).executeTakeFirst();
  return row ? toAccount(row) : null;
}

export async function listAccounts(reading: Reading, request: AccountListRequest): Promise<Page<Account>> {
  const { isDisabled, search } = request;
  const conditions = [
    ...(isDisabled === null ? [] : [is('isDisabled', Number(isDisabled))]),
    ...(search === null ? [] : [contains('email', search)]),
  ];
  const listing = { table: 'accounts', visited: all, conditions } as const;
  const { rows, total } = await pageOf(reading, listing, request);
  return { items: rows.map(toAccount), total };
}

export async function updateAccount(
  db: Kysely<Schema>,
  id: string,
  { isDisabled, passwordHash, ...changes }: AccountChanges,
  { at, by }: Change,
): Promise<Account | null> {
  const before = by && (await findAccount(db, id));
  const disabled = isDisabled === undefined ? {} : { isDisabled: Number(isDisabled) };
  const row = await db
    .updateTable('accounts')
    .set({ ...changes, ...disabled, updatedAt: at })
    .$if(passwordHash !== undefined, (query) => query.set(newPassword(passwordHash as string)))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!row) return null;
  const note = (action: AuditAction, changed: string[] = []) =>
    record(db, by, { at, accountId: id, action, targetId: id, changed });
  if (before && isDisabled !== undefined && isDisabled !== before.isDisabled)
    await note(isDisabled ? 'account.disabled' : 'account.enabled');
  if (passwordHash !== undefined) await note('account.password_set');
  const changed = before ? changedColumns(before, changes) : [];
  if (changed.length > 0) await note('account.updated', changed);
  return toAccount(row);
}

export async function changePassword(
  db: Kysely<Schema>,
  id: string,
  { from, to }: PasswordHashes,
  { at, by }: Change,
): Promise<Account | null> {
  const row = await db
    .updateTable('accounts')
    .set({ ...newPassword(to), updatedAt: at })
    .where('id', '=', id)
    .where('passwordHash', '=', from)
    .returningAll()
    .executeTakeFirst();
  if (!row) return null;
  await record(db, by, { at, accountId: id, action: 'account.password_changed', targetId: id });
  return toAccount(row);
}

export async function rehashPassword(
  db: Kysely<Schema>,
  id: string,
  { from, to }: PasswordHashes,
): Promise<void> {
  await db
    .updateTable('accounts')
    .set({ passwordHash: to })
    .where('id', '=', id)
    .where('passwordHash', '=', from)
    .execute();
}

export async function existingAccounts(db: Kysely<Schema>, ids: readonly string[]): Promise<string[]> {
  const existing: string[] = [];
  for (const some of chunksOf(ids)) {
    const rows = await db.selectFrom('accounts').select('id').where('id', 'in', some).execute();
    for (const { id } of rows) existing.push(id);
  }
  return existing;
}

export async function anyAccount(db: Kysely<Schema>): Promise<boolean> {
  return (await db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()) !== undefined;
}

/**
 * Returns the columns to change for a new password. The greater `tokenGeneration` makes all tokens invalid
 * that were issued before.
 */
function newPassword(passwordHash: string) {
  return { passwordHash, tokenGeneration: sql<number>`token_generation + 1` };
}

function toAccount(row: AccountsTable): Account {
  return { ...row, isOperator: row.isOperator === 1, isDisabled: row.isDisabled === 1 };
}
