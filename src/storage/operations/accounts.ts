import type { Kysely } from 'kysely';
import type { Account } from '../../domain/account.ts';
import { ApiError } from '../../errors.ts';
import type { AccountsTable, Schema } from '../schema.ts';
import { chunksOf } from './chunks-of.ts';

export async function createAccount(db: Kysely<Schema>, account: Account): Promise<void> {
  const { isOperator, ...columns } = account;
  const row = await db
    .insertInto('accounts')
    .values({ ...columns, isOperator: Number(isOperator) })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row)
    throw new ApiError('conflict', `an account with the email address ${account.email} exists already`);
}

export async function findAccount(db: Kysely<Schema>, id: string): Promise<Account | null> {
  const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toAccount(row) : null;
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

function toAccount(row: AccountsTable): Account {
  return { ...row, isOperator: row.isOperator === 1 };
}
