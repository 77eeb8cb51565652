import type { DeliveryRows } from './delivery-rows.ts';

/** Returns the greatest number that a delivery has or had. Unwritten ones do not count. */
export function lastDeliverySeq(db: Pick<DeliveryRows, 'prepare'>): number {
  const row = db
    .prepare(`select max(coalesce((select seq from sqlite_sequence where name = 'deliveries'), 0),
      coalesce((select max(seq) from deliveries), 0)) as seq`)
    .get();
  return Number(row?.seq ?? 0);
}
