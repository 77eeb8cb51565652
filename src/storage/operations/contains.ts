import { type Expression, type SqlBool, sql } from 'kysely';

/** `column` contains `text`, whatever the case of ASCII letters; `%` and `_` in `text` stand for themselves. */
export function contains(column: string, text: string): Expression<SqlBool> {
  const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
  return sql<SqlBool>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`;
}
