import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answerOf, api } from '../api/client.ts';
import { readStream } from '../api/event-stream.ts';
import type { operations } from '../api/generated/api.d.ts';

type OneAnswer = operations['getInbox']['responses'][200]['content']['application/json'];

export type InboxDetail = OneAnswer['data'];
export type Inbox = InboxDetail['inbox'];
export type InboxRequest = InboxDetail['requests'][number];
export type Behaviour = Inbox['behaviour'];

/** Keys of all queries about inboxes begin with this. */
export const INBOXES = ['inboxes'] as const;

/** Maximum number of requests that are shown, which is the number that the service keeps. */
const MOST_REQUESTS = 100;

/** The account's inboxes, of which there are only a few. */
export const inboxesQuery = queryOptions({
  queryKey: [...INBOXES, 'list'],
  queryFn: async ({ signal }) => (await answerOf(api.GET('/api/inboxes', { signal }))).data.inboxes,
});

export function inboxQuery(id: string) {
  const params = { path: { id } };
  return queryOptions({
    queryKey: [...INBOXES, 'one', id],
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/inboxes/{id}', { params, signal }))).data,
  });
}

export async function createInbox(): Promise<Inbox> {
  return (await answerOf(api.POST('/api/inboxes'))).data.inbox;
}

export async function deleteInbox(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/inboxes/{id}', { params: { path: { id } } }));
}

export async function setBehaviour(id: string, body: Behaviour): Promise<Inbox> {
  const params = { path: { id } };
  return (await answerOf(api.PUT('/api/inboxes/{id}/behaviour', { params, body }))).data.inbox;
}

/**
 * Adds requests to an inbox's query as they arrive, once it has been loaded. Returns whether the connection is open.
 * @param isLoaded whether the query has data
 */
export function useLiveInbox(id: string, isLoaded: boolean): boolean {
  const queryClient = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    if (!isLoaded) return undefined;
    const { queryKey } = inboxQuery(id);
    const aborter = new AbortController();
    void readStream({
      // The newest request that is shown is the last one that is known, whether the stream brought it or not.
      url: () =>
        `/api/inboxes/${id}/live?after=${newestNumber(queryClient.getQueryData<InboxDetail>(queryKey))}`,
      signal: aborter.signal,
      onState: (open) => aborter.signal.aborted || setIsOpen(open),
      onEvent: ({ type, data }) => {
        if (type !== 'request') return;
        const request = JSON.parse(data) as InboxRequest;
        queryClient.setQueryData<InboxDetail>(queryKey, (detail) => detail && withRequest(detail, request));
      },
    });
    return () => aborter.abort();
  }, [id, isLoaded, queryClient]);
  return isOpen;
}

function newestNumber(detail: InboxDetail | undefined): number {
  return detail?.requests[0]?.number ?? 0;
}

/** Returns the inbox after a request, which uses up one of the answers that are counted. */
export function withRequest({ inbox, requests }: InboxDetail, request: InboxRequest): InboxDetail {
  if (requests.some(({ number }) => number === request.number)) return { inbox, requests };
  const { times } = inbox.behaviour;
  const behaviour = times === null ? inbox.behaviour : { ...inbox.behaviour, times: Math.max(0, times - 1) };
  return {
    inbox: { ...inbox, behaviour, received: Math.max(inbox.received, request.number) },
    requests: [request, ...requests].toSorted((a, b) => b.number - a.number).slice(0, MOST_REQUESTS),
  };
}
