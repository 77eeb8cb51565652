import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { PageRequest } from '../contracts/page.ts';
import type { Schema } from './schema.ts';

type Listed = 'accounts' | 'apiKeys' | 'auditRecords' | 'media' | 'webhooks';

/** The rows of one page of what `query` finds, and how many there are in all. Ids tell equal ones apart. */
export async function pageOf<Table extends Listed>(
  query: SelectQueryBuilder<Schema, Table, object>,
  { sortBy, orderBy, offset, limit }: PageRequest & { readonly sortBy: string },
): Promise<{ rows: Selectable<Schema[Table]>[]; total: number }> {
  // Each of these tables has an id, which the types can't tell of one that is not named.
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
