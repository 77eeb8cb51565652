import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import type { operations } from '../api/generated/api.d.ts';
import type { EventType } from '../texts/events.ts';

type ListAnswer = operations['listAllDeliveries']['responses'][200]['content']['application/json'];
type OneAnswer = operations['getDelivery']['responses'][200]['content']['application/json'];

export type Delivery = ListAnswer['data']['deliveries'][number];
export type DeliveryDetail = OneAnswer['data']['delivery'];
export type Attempt = DeliveryDetail['attempts'][number];
export type DeliveryPage = ListAnswer['data'];

export interface DeliveryFilters {
  readonly webhook?: string | undefined;
  readonly state?: Delivery['state'] | undefined;
  readonly event?: EventType | undefined;
  readonly media?: string | undefined;
  /** Time since when deliveries were created, as a name, so that the address stays true. */
  readonly time?: TimeRange | undefined;
}

/** Milliseconds of each range of time. */
export const TIME_RANGES = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
export type TimeRange = keyof typeof TIME_RANGES;

/** Maximum number of deliveries in an answer. */
const PAGE_SIZE = 100;
/** Milliseconds between two looks at a delivery that has not ended. */
const PROGRESS_MS = 2000;

export const DELIVERIES = ['deliveries'] as const;

export function deliveriesQuery(filters: DeliveryFilters) {
  return infiniteQueryOptions({
    queryKey: [...DELIVERIES, 'list', filters],
    queryFn: ({ pageParam, signal }) => readPage(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    // The live feed keeps the list up to date. All pages at once would be too many to ask for again.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    // Comparing all rows with those before takes too long when many have been loaded.
    structuralSharing: false,
  });
}

/** The newest deliveries of a list. */
export async function newestDeliveries(filters: DeliveryFilters): Promise<readonly Delivery[]> {
  return (await readPage(filters, null, new AbortController().signal)).deliveries;
}

async function readPage(
  filters: DeliveryFilters,
  cursor: string | null,
  signal: AbortSignal,
): Promise<DeliveryPage> {
  const { webhook, state, event, media, time } = filters;
  const query = {
    limit: PAGE_SIZE,
    ...(cursor !== null && { cursor }),
    ...(webhook && { webhook_id: webhook }),
    ...(state && { state }),
    ...(event && { event }),
    ...(media && { media_id: media }),
  };
  const { data } = await answerOf(api.GET('/api/deliveries', { params: { query }, signal }));
  return time ? since(data, Date.now() - TIME_RANGES[time]) : data;
}

/** Returns the part of a page that was created since a time. Pages are newest first, so that nothing follows an older one. */
function since(page: DeliveryPage, start: number): DeliveryPage {
  const deliveries = page.deliveries.filter(({ created_at }) => Date.parse(created_at) >= start);
  const isLast = deliveries.length < page.deliveries.length;
  return { deliveries, next_cursor: isLast ? null : page.next_cursor };
}

export function deliveryQuery(id: string) {
  const params = { path: { id } };
  return queryOptions({
    queryKey: [...DELIVERIES, 'one', id],
    queryFn: async ({ signal }) => (await answerOf(api.GET('/api/deliveries/{id}', { params, signal }))).data,
    refetchInterval: ({ state }) => (state.data?.delivery.state === 'pending' ? PROGRESS_MS : false),
  });
}

/** Attempts before those that the delivery shows. */
export async function earlierAttempts(id: string, cursor: string) {
  const params = { path: { id }, query: { cursor } };
  const { data } = await answerOf(api.GET('/api/deliveries/{id}', { params }));
  return { attempts: data.delivery.attempts, next_cursor: data.next_cursor };
}

export async function resendDelivery(id: string): Promise<void> {
  await answerOf(api.POST('/api/deliveries/{id}/retry', { params: { path: { id } } }));
}

/** Returns whether a delivery belongs into a list with these filters. */
export function matches(
  delivery: Delivery,
  { webhook, state, event, media, time }: DeliveryFilters,
): boolean {
  return (
    (!webhook || delivery.webhook_id === webhook) &&
    (!state || delivery.state === state) &&
    (!event || delivery.event === event) &&
    (!media || delivery.media_id === media) &&
    (!time || Date.parse(delivery.created_at) >= Date.now() - TIME_RANGES[time])
  );
}
