import { type Expression, type Selectable, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { PageRequest } from '../contracts/page.ts';
import type { Schema } from './tables/schema.ts';

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
 * Condition that `column` contains `text`. The comparison ignores upper and lower case, at least of ASCII
 * letters. `%` and `_` in `text` have no special meaning.
 */
export function contains(column: string, text: string): Expression<SqlBool> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  // The database converts both sides to lower case, so that both are converted alike. JavaScript's
  // `toLowerCase` converts all letters, but SQLite's `lower` converts only ASCII letters.
  return sql<SqlBool>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`;
}

/**
 * Maximum number of values in one `in (…)`. The number is below the limits of SQLite and PostgreSQL. It also
 * limits the number of different SQL statements, because each number of values makes a different statement.
 */
const CHUNK = 1_000;

/** Yields `values` in chunks that are small enough for one `in (…)`. */
export function* chunksOf<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < values.length; from += CHUNK) yield values.slice(from, from + CHUNK);
}
