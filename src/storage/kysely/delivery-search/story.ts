import type { Kysely } from 'kysely';
import type { Delivery } from '../../../domain/delivery.ts';
import type { EventType } from '../../../domain/event.ts';
import { MOST_STORY_ATTEMPTS, type StoryDelivery, type StoryEvent } from '../../contracts/deliveries.ts';
import { parseDeliveryId } from '../tables/delivery-keys.ts';
import type { Schema } from '../tables/schema.ts';

type StoryAttempt = StoryDelivery['attempts'][number];

/** Returns deliveries with their newest attempts. */
export async function withAttempts(
  db: Kysely<Schema>,
  deliveries: readonly Delivery[],
): Promise<StoryDelivery[]> {
  const seqs = deliveries.map(({ id }) => parseDeliveryId(id)?.seq ?? 0);
  const rows = await db
    .selectFrom('attempts')
    .innerJoin('deliveries', 'deliveries.seq', 'attempts.deliverySeq')
    .select(['attempts.deliverySeq', 'attempts.number', 'attempts.at', 'attempts.durationMs'])
    .select(['attempts.status', 'attempts.error'])
    .where('attempts.deliverySeq', 'in', seqs)
    .where((e) => e('attempts.number', '>', e('deliveries.attempts', '-', MOST_STORY_ATTEMPTS)))
    .orderBy('attempts.number')
    .execute();
  const last = await db
    .selectFrom('deliveries')
    .select(['seq', 'attempts', 'lastAt', 'lastDurationMs', 'lastStatus', 'lastError'])
    .where('seq', 'in', seqs)
    .where('lastAt', 'is not', null)
    .execute();
  const found = new Map<number, StoryAttempt[]>(seqs.map((seq) => [seq, []]));
  for (const { deliverySeq, ...attempt } of rows) found.get(deliverySeq)?.push(attempt);
  for (const row of last) {
    const attempt = { at: Number(row.lastAt), durationMs: Number(row.lastDurationMs) };
    const result = { status: row.lastStatus, error: row.lastError };
    found.get(row.seq)?.push({ number: row.attempts, ...attempt, ...result });
  }
  return deliveries.map((delivery, n) => ({ delivery, attempts: found.get(seqs[n] ?? 0) ?? [] }));
}

/** Returns the events of deliveries, oldest first. */
export async function eventsOf(db: Kysely<Schema>, deliveries: readonly Delivery[]): Promise<StoryEvent[]> {
  const seqs = deliveries.map(({ id }) => parseDeliveryId(id)?.seq ?? 0);
  const rows = await db
    .selectFrom('deliveries')
    .innerJoin('events', 'events.seq', 'deliveries.eventSeq')
    .select(['events.id', 'events.type', 'events.emittedAt', 'events.body'])
    .distinct()
    .where('deliveries.seq', 'in', seqs)
    .orderBy('events.seq')
    .execute();
  return rows.map((row) => ({ ...row, type: row.type as EventType }));
}
