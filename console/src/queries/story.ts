import { infiniteQueryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import type { operations } from '../api/generated/api.d.ts';

type Answer = operations['getMediaStory']['responses'][200]['content']['application/json'];

export type StoryPage = Answer['data'];
export type StoryEntry = StoryPage['entries'][number];
export type StoryDelivery = NonNullable<StoryEntry['delivery']>;
export type StoryAttempt = NonNullable<StoryEntry['attempt']> & { readonly at: string };

/** Milliseconds between two looks at a story in which something happens now, and at others. */
const ACTIVE_MS = 2000;
const QUIET_MS = 15_000;

/** Events, deliveries and attempts of a media. The first page has the newest entries, the following ones have earlier ones. @param isEncoding whether the media is known to be encoded now */
export function storyQuery(id: string, isEncoding: boolean) {
  return infiniteQueryOptions({
    queryKey: ['story', id],
    queryFn: async ({ pageParam, signal }) => {
      const query = pageParam === null ? {} : { cursor: pageParam };
      const params = { path: { id }, query };
      return (await answerOf(api.GET('/api/media/{id}/story', { params, signal }))).data;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => (isEncoding || isActive(state.data?.pages[0]) ? ACTIVE_MS : QUIET_MS),
  });
}

/** Returns whether more is about to happen: the media is being encoded, or a delivery is about to be sent. */
function isActive(page: StoryPage | undefined): boolean {
  if (!page) return false;
  const { media, entries } = page;
  if (media && media.received_at !== null && media.status !== 'done' && media.status !== 'fail') return true;
  return entries.some(({ delivery }) => delivery?.state === 'pending' && isNear(delivery));
}

function isNear({ pending_reason: reason, waits_until: until }: StoryDelivery): boolean {
  if (reason === 'sending' || reason === 'queued') return true;
  return until !== null && Date.parse(until) - Date.now() < QUIET_MS;
}
