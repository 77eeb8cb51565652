import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import type { operations } from '../api/generated/api.d.ts';

type Answer = operations['listWebhooks']['responses'][200]['content']['application/json'];
export type Webhook = Answer['data']['webhooks'][number];

/** Maximum number of webhooks on a page of the list. */
export const PAGE_SIZE = 50;

export function webhooksQuery(request: { readonly search: string; readonly offset: number }) {
  const query = { ...request, limit: PAGE_SIZE, sort_by: 'created_at', order_by: 'desc' } as const;
  return queryOptions({
    queryKey: ['webhooks', 'list', query],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/webhooks', { params: { query }, signal }))).data,
  });
}
