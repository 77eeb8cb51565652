import { type Expression, type SqlBool, sql } from 'kysely';

/** `column` contains `text`, whatever the case of ASCII letters at least; `%` and `_` in `text` stand for themselves. */
export function contains(column: string, text: string): Expression<SqlBool> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  // The database lowers both sides: SQLite's `lower` knows ASCII only, unlike JavaScript's.
  return sql<SqlBool>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`;
}
