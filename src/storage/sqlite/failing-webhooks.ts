import type { Cursor } from '../contracts/page.ts';
import type { FailingWebhooks } from '../contracts/queue.ts';
import type { Database } from './database.ts';

/** Number of webhooks that a call visits. Their rows are read in some milliseconds. */
const VISITS = 2_000;

const FAILING = `
  select id from webhooks
  where seq > ?1 and seq <= ?1 + ${VISITS} and failing_since is not null and deleted_at is null order by seq`;

const LAST = `select max(seq) as seq from webhooks`;

/** Implements `Queue.failingWebhooks`. The cursor is the number of the last webhook that was visited. */
export function failingWebhooks(db: Database, after: Cursor | null): FailingWebhooks {
  const from = Number(after ?? 0);
  const ids = db.prepare(FAILING).all(from) as unknown as { id: string }[];
  const last = Number(db.prepare(LAST).get()?.seq ?? 0);
  const visited = from + VISITS;
  return { ids: ids.map(({ id }) => id), after: visited < last ? String(visited) : null };
}
