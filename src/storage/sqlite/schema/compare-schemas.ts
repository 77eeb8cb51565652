import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** An object of a schema: a table, an index, a view or a trigger. */
interface SchemaObject {
  readonly type: string;
  readonly name: string;
  /** Text with which the object was made. */
  readonly sql: string;
}

/**
 * Returns the objects of a database by their names. Leaves out what SQLite and Kysely make for themselves, and
 * objects whose names begin with `_`, with all that belongs to them: replication tools such as Litestream make
 * tables with such names in the databases that they copy.
 */
export function schemaOf(connection: DatabaseSync): ReadonlyMap<string, SchemaObject> {
  const rows = connection
    .prepare(
      String.raw`select type, name, sql from sqlite_master
        where name not like 'sqlite\_%' escape '\'
          and tbl_name not like 'kysely\_migration%' escape '\'
          and name not like '\_%' escape '\'
          and tbl_name not like '\_%' escape '\'
        order by name`,
    )
    .all() as unknown as SchemaObject[];
  return new Map(rows.map((row) => [row.name, row]));
}

/** Returns a checksum of a schema. Schemas with the same checksum have the same objects. */
export function checksumOf(schema: ReadonlyMap<string, SchemaObject>): string {
  const hash = createHash('sha256');
  for (const { type, name, sql } of schema.values()) hash.update(JSON.stringify([type, name, sql]));
  return hash.digest('hex');
}

/** Returns how a schema differs from the expected one, a phrase for each object. Empty: it does not differ. */
export function differencesOf(
  expected: ReadonlyMap<string, SchemaObject>,
  actual: ReadonlyMap<string, SchemaObject>,
): string[] {
  const differences: string[] = [];
  for (const [name, { type, sql }] of expected) {
    const found = actual.get(name);
    if (!found) differences.push(`the ${type} ${name} is missing`);
    else if (found.sql !== sql) differences.push(`the ${type} ${name} differs`);
  }
  for (const [name, { type }] of actual) {
    if (!expected.has(name)) differences.push(`the ${type} ${name} is unknown`);
  }
  return differences;
}
