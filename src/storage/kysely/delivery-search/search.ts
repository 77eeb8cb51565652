import type { DeliveryListRequest } from '../../contracts/deliveries.ts';

/** Deliveries of one account that a page may contain. */
export interface Search extends DeliveryListRequest {
  readonly userId: string;
  /** `null`: deliveries of all webhooks of the account. */
  readonly webhookId: string | null;
}

/**
 * Deliveries that a search has found. All matching deliveries with the number `floor` or a higher number are
 * among them. `null`: all matching deliveries are among them.
 */
export interface Found {
  readonly seqs: readonly number[];
  readonly floor: number | null;
}

/**
 * Maximum number of deliveries that one page reads to find those that match a filter. Reading that many rows
 * takes some 10 ms.
 */
export const MAX_READ = 2_000;
/** A number that is greater than the number of every delivery. */
export const AFTER_ALL = Number.MAX_SAFE_INTEGER;

/** Returns what was found from the number `floor` on, newest first. */
export function newestFirst(found: readonly number[], floor: number | null): Found {
  const seqs = found.filter((seq) => floor === null || seq >= floor).toSorted((a, b) => b - a);
  return { seqs, floor };
}

/** The columns by which rows are filtered. A column that is left out does not filter. */
interface FilteredRow {
  readonly seq: number;
  readonly state?: string;
  readonly eventType?: string;
  /** When the webhook was deleted. */
  readonly deletedAt?: number | null;
}

/** Returns the rows that match the search. `rows` are all the rows that exist, unless they are `limit` rows. */
export function matching(rows: readonly FilteredRow[], { state, event }: Search, limit: number): Found {
  const seqs = rows
    .filter((row) => state === null || row.state === undefined || shownState(row) === state)
    .filter((row) => event === null || row.eventType === undefined || row.eventType === event)
    .map(({ seq }) => seq);
  return { seqs, floor: rows.length < limit ? null : (rows.at(-1)?.seq ?? null) };
}

/**
 * Returns the state with which a delivery is shown. A pending delivery of a deleted webhook is shown as
 * cancelled, because the deletion cancels many deliveries step by step.
 */
function shownState({ state, deletedAt = null }: FilteredRow): string | undefined {
  return state === 'pending' && deletedAt !== null ? 'cancelled' : state;
}
