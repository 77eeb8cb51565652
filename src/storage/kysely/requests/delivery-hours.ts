import { type Kysely, sql } from 'kysely';
import type { DeliveryHour } from '../../../domain/delivery-hour.ts';
import type { Schema } from '../tables/schema.ts';

const COUNTERS = ['attempts', 'acknowledged', 'unanswered', 'succeeded', 'failed', 'durationMs'] as const;
/** Number of rows in one statement. */
const ROWS = 100;

/** Implements `WebhookStore.addHours`. Must be called within a transaction. */
export async function addHours(db: Kysely<Schema>, hours: readonly DeliveryHour[]): Promise<void> {
  for (let from = 0; from < hours.length; from += ROWS) {
    await db
      .insertInto('deliveryHours')
      .values(hours.slice(from, from + ROWS))
      .onConflict((conflict) =>
        conflict.columns(['hour', 'owner']).doUpdateSet((e) => {
          const sums = COUNTERS.map((name) => [
            name,
            sql<number>`${sql.ref(`deliveryHours.${name}`)} + ${e.ref(`excluded.${name}`)}`,
          ]);
          return Object.fromEntries(sums);
        }),
      )
      .execute();
  }
}

export async function readHours(
  db: Kysely<Schema>,
  { owners, from, to }: { readonly owners: readonly string[]; readonly from: number; readonly to: number },
): Promise<DeliveryHour[]> {
  const wanted = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  const found: DeliveryHour[] = [];
  for (let first = 0; first < owners.length; first += ROWS) {
    const some = owners.slice(first, first + ROWS);
    // Names each hour, so that each counter is found by its whole key.
    const rows = db
      .selectFrom('deliveryHours')
      .selectAll()
      .where('hour', 'in', wanted)
      .where('owner', 'in', some);
    found.push(...(await rows.orderBy('hour').execute()));
  }
  return found;
}

export async function removeHours(db: Kysely<Schema>, before: number, limit: number): Promise<void> {
  const old = db
    .selectFrom('deliveryHours')
    .select(['hour', 'owner'])
    .where('hour', '<', before)
    .limit(limit);
  await sql`delete from delivery_hours where (hour, owner) in (${old})`.execute(db);
}
