import { type Expression, type Selectable, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { PageRequest } from '../contracts/page.ts';
import type { Schema } from './schema.ts';

type Listed = 'accounts' | 'apiKeys' | 'auditRecords' | 'media' | 'webhooks';

/**
 * Returns one page of the rows that `query` finds, and their total number. Rows with equal sort keys are sorted by
 * id.
 */
export async function pageOf<Table extends Listed>(
  query: SelectQueryBuilder<Schema, Table, object>,
  { sortBy, orderBy, offset, limit }: PageRequest & { readonly sortBy: string },
): Promise<{ rows: Selectable<Schema[Table]>[]; total: number }> {
  // Each table in `Listed` has an id, but TypeScript can't infer that for a table that is a type parameter.
  const found = query as unknown as SelectQueryBuilder<Schema, 'accounts', object>;
  const { total } = await found.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await found
    .selectAll()
    .orderBy(sql.ref(sortBy), orderBy)
    .orderBy('id', orderBy)
    .offset(offset)
    .limit(limit)
    .execute();
  return { rows: rows as unknown as Selectable<Schema[Table]>[], total };
}

/**
 * Matches rows in which `column` contains `text`. At least ASCII letters match in either case; `%` and `_` in `text`
 * match only themselves.
 */
export function contains(column: string, text: string): Expression<SqlBool> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  // The database lowers both sides, because SQLite's `lower` knows ASCII only and JavaScript's does not stop there.
  return sql<SqlBool>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`;
}

/** Maximum number of values in one `in (…)`: below both dialects' limits, and few enough different statements. */
const CHUNK = 1_000;

/** Yields `values` in chunks, each small enough for one `in (…)`. */
export function* chunksOf<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < values.length; from += CHUNK) yield values.slice(from, from + CHUNK);
}
