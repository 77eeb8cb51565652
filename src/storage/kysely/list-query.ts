import {
  type Expression,
  type Kysely,
  type Selectable,
  type SelectQueryBuilder,
  type SqlBool,
  sql,
} from 'kysely';
import type { PageRequest } from '../contracts/page.ts';
import type { Schema } from './tables/schema.ts';

/** A connection for reading. */
export interface Reading {
  readonly db: Kysely<Schema>;
  /**
   * Ends the present step of a read, and fulfils when the next step may begin. Between the steps, other reads
   * have their turns. So each step must be short, whatever the data. Each step sees one state of the database.
   */
  readonly pause: () => Promise<void>;
}

type Listed = 'accounts' | 'apiKeys' | 'auditRecords' | 'media' | 'webhooks';
type Rows<Table extends Listed> = SelectQueryBuilder<Schema, Table, object>;
type Condition = Expression<SqlBool>;

export interface Listing<Table extends Listed> {
  readonly table: Table;
  /**
   * Selects the rows that the list visits. An index must have the columns of this condition, followed by the
   * column of the order and the id. Otherwise each step would visit all of these rows.
   */
  readonly visited: (query: Rows<Table>) => Rows<Table>;
  /** Conditions of the visited rows that are in the list. */
  readonly conditions: readonly Condition[];
  /** A further condition, which the database does not check. */
  readonly check?: Check;
}

/** A condition that is checked row by row in JavaScript. */
export interface Check {
  readonly columns: readonly string[];
  readonly matches: (row: Readonly<Record<string, unknown>>) => boolean;
}

export interface Order {
  readonly sortBy: string;
  readonly orderBy: PageRequest['orderBy'];
}

/** Place of a row in the order of a list. */
interface Place {
  readonly sortKey: unknown;
  readonly id: string;
}

/**
 * Maximum number of rows that a step of a list visits. Such a step takes 2 to 5 ms, if the database checks the
 * conditions.
 */
const STEP_ROWS = 2_000;
/**
 * Maximum number of rows of a step whose conditions are checked in JavaScript. A row has up to 230 KiB of
 * JSON, which takes up to 0.7 ms to read and parse.
 */
const CHECKED_ROWS = 40;

/**
 * Returns one page of a list, and the total number of rows in the list. Rows with equal sort keys are sorted
 * by id.
 */
export async function pageOf<Table extends Listed>(
  reading: Reading,
  listing: Listing<Table>,
  request: PageRequest & Order,
): Promise<{ rows: Selectable<Schema[Table]>[]; total: number }> {
  const { ids, total } = await idsOf(reading, listing, request);
  return { rows: await rowsOf(reading.db, listing.table, ids), total };
}

/** Returns the ids of the rows of one page of a list in order, and the total number of rows in the list. */
export async function idsOf<Table extends Listed>(
  { db, pause }: Reading,
  listing: Listing<Table>,
  request: PageRequest & Order,
): Promise<{ ids: string[]; total: number }> {
  const { offset, limit } = request;
  const limitOfStep = listing.check ? CHECKED_ROWS : STEP_ROWS;
  const ids: string[] = [];
  let total = 0;
  let after: Place | null = null;
  for (;;) {
    const step: Step<Table> = new Step(db, listing, { ...request, after, limit: limitOfStep });
    const { visited, found } = await step.count();
    const skipped = Math.max(0, offset - total);
    if (ids.length < limit && skipped < found) ids.push(...(await step.ids(skipped, limit - ids.length)));
    total += found;
    if (visited < limitOfStep) return { ids, total };
    after = await step.last();
    await pause();
  }
}

/** Returns the rows with the given ids, in the order of the ids. Rows that do not exist are left out. */
export async function rowsOf<Table extends Listed>(
  db: Kysely<Schema>,
  table: Table,
  ids: readonly string[],
): Promise<Selectable<Schema[Table]>[]> {
  if (ids.length === 0) return [];
  const rows = await anyTable(db, table).selectAll().where('id', 'in', ids).execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const inOrder = ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
  return inOrder as unknown as Selectable<Schema[Table]>[];
}

/** Each table in `Listed` has an id, but TypeScript can't infer that for a table that is a type parameter. */
function anyTable(db: Kysely<Schema>, table: Listed): Rows<'accounts'> {
  return db.selectFrom(table as 'accounts');
}

interface StepRequest extends Order {
  /** The last row of the previous step. `null`: the step begins with the first row. */
  readonly after: Place | null;
  readonly limit: number;
}

/** One step of a list: the rows that follow `after` in the order of the list, up to `limit`. */
class Step<Table extends Listed> {
  readonly #db: Kysely<Schema>;
  readonly #listing: Listing<Table>;
  readonly #request: StepRequest;
  /** Ids of the rows in the list, if the conditions are checked in JavaScript. */
  #checked: string[] | null = null;

  constructor(db: Kysely<Schema>, listing: Listing<Table>, request: StepRequest) {
    this.#db = db;
    this.#listing = listing;
    this.#request = request;
  }

  /** Returns the number of rows that the step visits, and how many of them are in the list. */
  async count(): Promise<{ visited: number; found: number }> {
    const { visited, found } = await this.#db
      .selectFrom(this.#rows().as('step'))
      .select((e) => [e.fn.countAll<number>().as('visited'), e.fn.sum<number | null>('isFound').as('found')])
      .executeTakeFirstOrThrow();
    const counted = { visited: Number(visited), found: Number(found ?? 0) };
    const { check } = this.#listing;
    if (!check || counted.found === 0) return counted;
    this.#checked = await this.#check(check);
    return { ...counted, found: this.#checked.length };
  }

  /** Returns ids of rows in the list. */
  async ids(offset: number, limit: number): Promise<string[]> {
    if (this.#checked) return this.#checked.slice(offset, offset + limit);
    const rows = await this.#found().select('step.id').offset(offset).limit(limit).execute();
    return rows.map(({ id }) => id);
  }

  /** Returns the last row that the step visits, if the step visits as many rows as it may. */
  last(): Promise<Place> {
    const { sortBy, limit } = this.#request;
    return this.#visited()
      .select([sql.ref(sortBy).as('sortKey'), 'id'])
      .limit(1)
      .offset(limit - 1)
      .executeTakeFirstOrThrow();
  }

  async #check({ columns, matches }: Check): Promise<string[]> {
    const all = columns.map((column) => sql.ref(column).as(column));
    const rows = await anyTable(this.#db, this.#listing.table)
      .select(['id', ...all])
      .where('id', 'in', this.#found().select('step.id'))
      .orderBy(sql.ref(this.#request.sortBy), this.#request.orderBy)
      .orderBy('id', this.#request.orderBy)
      .execute();
    return rows.filter(matches).map(({ id }) => id);
  }

  #found() {
    const { orderBy } = this.#request;
    return this.#db
      .selectFrom(this.#rows().as('step'))
      .where('step.isFound', '=', 1)
      .orderBy('step.sortKey', orderBy)
      .orderBy('step.id', orderBy);
  }

  /** Selects all rows that the step visits. The database can't visit others, because of the limit. */
  #rows() {
    const { sortBy, limit } = this.#request;
    const isFound = sql<number>`case when ${allOf(this.#listing.conditions)} then 1 else 0 end`;
    return this.#visited()
      .select(['id', sql.ref(sortBy).as('sortKey'), isFound.as('isFound')])
      .limit(limit);
  }

  #visited(): Rows<'accounts'> {
    const { sortBy, orderBy, after } = this.#request;
    const rows = anyTable(this.#db, this.#listing.table) as unknown as Rows<Table>;
    let query = this.#listing.visited(rows) as unknown as Rows<'accounts'>;
    if (after) {
      const follows = sql.raw(orderBy === 'asc' ? '>' : '<');
      query = query.where(
        sql<boolean>`(${sql.ref(sortBy)}, ${sql.ref('id')}) ${follows} (${after.sortKey}, ${after.id})`,
      );
    }
    return query.orderBy(sql.ref(sortBy), orderBy).orderBy('id', orderBy);
  }
}

function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`${sql.join(conditions, sql` and `)}`;
}

/** Selects all rows. */
export const all = <Query>(query: Query) => query;

/** Condition that `column` has the value `value`. */
export function is(column: string, value: string | number): Condition {
  return sql<SqlBool>`${sql.ref(column)} = ${value}`;
}

/**
 * Condition that `column` contains `text`. The comparison ignores upper and lower case, at least of ASCII
 * letters. `%` and `_` in `text` have no special meaning.
 */
export function contains(column: string, text: string): Condition {
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
