import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import type { Bar } from '../components/display/bars.tsx';
import { PAGE_SIZE, WEBHOOKS } from './webhooks.ts';

const HOURS = 24;
const HOUR_MS = 3_600_000;
/** Milliseconds between two looks at the counters. */
const REFRESH_MS = 30_000;

/** Attempts of a webhook in the last day. */
export interface LastDay {
  readonly acknowledged: number;
  readonly attempts: number;
  /** One bar for each hour, the oldest one first. */
  readonly bars: readonly Bar[];
}

/** Attempts of the webhooks of a page of the list in the last day, by the webhooks' ids. */
export function lastDayQuery(request: { readonly search: string; readonly offset: number }) {
  const query = {
    limit: PAGE_SIZE,
    ...request,
    sort_by: 'created_at',
    order_by: 'desc',
    hours: HOURS,
  } as const;
  return queryOptions({
    queryKey: [...WEBHOOKS, 'last-day', query],
    queryFn: async ({ signal }) => {
      const { data } = await answerOf(api.GET('/api/webhooks/statistics', { params: { query }, signal }));
      const since = Date.parse(data.since);
      return new Map(data.webhooks.map(({ webhook_id, hours }) => [webhook_id, lastDayOf(hours, since)]));
    },
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

interface Hour {
  readonly at: string;
  readonly attempts: number;
  readonly acknowledged: number;
}

/** Returns the counters of a day. Hours without attempts are not in the answer, and have empty bars. */
function lastDayOf(hours: readonly Hour[], since: number): LastDay {
  const bars = Array.from({ length: HOURS }, () => ({ good: 0, bad: 0 }));
  let attempts = 0;
  let acknowledged = 0;
  for (const hour of hours) {
    attempts += hour.attempts;
    acknowledged += hour.acknowledged;
    const place = Math.round((Date.parse(hour.at) - since) / HOUR_MS);
    if (place >= 0 && place < HOURS)
      bars[place] = { good: hour.acknowledged, bad: hour.attempts - hour.acknowledged };
  }
  return { attempts, acknowledged, bars };
}
