import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely';

/**
 * Makes Kysely's query builder for a connection of `node:sqlite`.
 * @param prepare returns the prepared statement for a SQL text
 */
export function kyselyOn<Tables>(
  connection: DatabaseSync,
  prepare: (sql: string) => StatementSync = (sql) => connection.prepare(sql),
): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new SqliteDialect({ database: kyselyView(connection, prepare) }),
    plugins: [new CamelCasePlugin()],
  });
}

/**
 * Adapts `node:sqlite` to Kysely, whose SQLite dialect expects a database of the package better-sqlite3. Only
 * the part of that interface that the dialect uses is provided.
 */
function kyselyView(connection: DatabaseSync, prepare: (sql: string) => StatementSync) {
  return {
    close: () => connection.close(),
    prepare: (sql: string) => {
      const statement = prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])),
        run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])),
        iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}
