import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';

/** Milliseconds for which an answer about a URL is kept, because names may resolve otherwise later. */
const FRESH_MS = 30_000;

/** Asks the service whether a webhook could have a URL. @throws ApiError that says why not */
export function urlCheckQuery(url: string) {
  return queryOptions({
    queryKey: ['url-check', url],
    queryFn: async ({ signal }) =>
      (await answerOf(api.POST('/api/webhooks/check_url', { body: { url }, signal }))).data.url,
    staleTime: FRESH_MS,
    retry: false,
  });
}
