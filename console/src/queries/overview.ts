import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import { DELIVERIES, type Delivery } from './deliveries.ts';

/** Milliseconds between two looks at the start page. */
const REFRESH_MS = 10_000;
const DAY_MS = 86_400_000;
/** Maximum number of deliveries that are read to count them. */
const MOST_COUNTED = 100;
const LATEST = 8;

/** A number that was counted up to a limit. */
export interface Counted {
  readonly count: number;
  /** Whether there may be more. */
  readonly isLeast: boolean;
}

/** The newest deliveries of all webhooks. */
export const latestDeliveriesQuery = queryOptions({
  queryKey: [...DELIVERIES, 'latest'],
  queryFn: async ({ signal }) => (await readDeliveries({ limit: LATEST }, signal)).deliveries,
  refetchInterval: REFRESH_MS,
});

/** Number of deliveries that have not ended. */
export const waitingQuery = queryOptions({
  queryKey: [...DELIVERIES, 'waiting'],
  queryFn: async ({ signal }): Promise<Counted> => {
    const page = await readDeliveries({ limit: MOST_COUNTED, state: 'pending' }, signal);
    return { count: page.deliveries.length, isLeast: page.next_cursor !== null };
  },
  refetchInterval: REFRESH_MS,
});

/** Number of deliveries of the last day that have failed for good. */
export const failedQuery = queryOptions({
  queryKey: [...DELIVERIES, 'failed'],
  queryFn: async ({ signal }): Promise<Counted> => {
    const page = await readDeliveries({ limit: MOST_COUNTED, state: 'failed' }, signal);
    const start = Date.now() - DAY_MS;
    const count = page.deliveries.filter(({ created_at }) => Date.parse(created_at) >= start).length;
    // Pages are newest first: nothing of the last day follows an older delivery.
    return { count, isLeast: page.next_cursor !== null && count === page.deliveries.length };
  },
  refetchInterval: REFRESH_MS,
});

async function readDeliveries(
  query: { readonly limit: number; readonly state?: Delivery['state'] },
  signal: AbortSignal,
) {
  return (await answerOf(api.GET('/api/deliveries', { params: { query }, signal }))).data;
}
