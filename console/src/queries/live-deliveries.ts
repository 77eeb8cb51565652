import { type InfiniteData, type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { readStream, type StreamedEvent } from '../api/event-stream.ts';
import {
  DELIVERIES,
  type Delivery,
  type DeliveryFilters,
  type DeliveryPage,
  deliveriesQuery,
  newestDeliveries,
} from './deliveries.ts';
import { mergeDeliveries } from './merge-deliveries.ts';

type Pages = InfiniteData<DeliveryPage, string | null>;

/** Milliseconds for which changes are collected, so that a burst draws the list once. */
const COLLECT_MS = 200;
/** Pixels below the top of the page at which new rows no longer push the others down. */
const READING_PX = 200;

export interface LiveFeed {
  readonly isOpen: boolean;
  /** Number of new deliveries that wait to be shown, because someone reads further down. */
  readonly waiting: number;
  readonly showWaiting: () => void;
}

/** Keeps the list of deliveries with these filters up to date. */
export function useLiveDeliveries(filters: DeliveryFilters): LiveFeed {
  const queryClient = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [waiting, setWaiting] = useState<readonly Delivery[]>([]);
  const key = JSON.stringify(filters);

  useEffect(() => {
    const wanted = JSON.parse(key) as DeliveryFilters;
    const aborter = new AbortController();
    setWaiting([]);
    const show = (changed: readonly Delivery[]) => {
      if (aborter.signal.aborted) return;
      const left = applyTo(queryClient, wanted, changed, window.scrollY < READING_PX);
      if (left.length > 0) setWaiting((others) => joined(others, left));
      for (const { id } of changed)
        void queryClient.invalidateQueries({ queryKey: [...DELIVERIES, 'one', id] });
    };
    const collect = collector(show);
    // Changes were missed, so that the newest page is read again. Those before it are asked for one by one when they are opened.
    const readAgain = () => newestDeliveries(wanted).then(show, () => undefined);
    void readStream({
      url: (lastId) => liveUrl(wanted, lastId),
      signal: aborter.signal,
      onState: (open) => aborter.signal.aborted || setIsOpen(open),
      onEvent: (event) => {
        if (event.type === 'delivery') collect(JSON.parse(event.data));
        else if (missesChanges(event)) void readAgain();
      },
    });
    return () => aborter.abort();
  }, [key, queryClient]);

  const showWaiting = useCallback(() => {
    window.scrollTo({ top: 0 });
    applyTo(queryClient, JSON.parse(key), waiting, true);
    setWaiting([]);
  }, [key, queryClient, waiting]);
  return { isOpen, waiting: waiting.length, showWaiting };
}

/** Returns whether an event says that the stream has left changes out. */
function missesChanges({ type, data }: StreamedEvent): boolean {
  return type === 'gap' || (type === 'open' && (JSON.parse(data) as { resumed: boolean }).resumed === false);
}

/** Returns the deliveries that belong into the list and are not shown yet. */
function applyTo(
  queryClient: QueryClient,
  filters: DeliveryFilters,
  changed: readonly Delivery[],
  canInsert: boolean,
): readonly Delivery[] {
  const { queryKey } = deliveriesQuery(filters);
  const pages = queryClient.getQueryData<Pages>(queryKey);
  if (!pages) return [];
  const merged = mergeDeliveries(pages, changed, { filters, canInsert });
  queryClient.setQueryData<Pages>(queryKey, merged.pages);
  return merged.waiting;
}

/** Returns a function that collects deliveries, and hands over those of some time together. */
function collector(show: (deliveries: readonly Delivery[]) => void): (delivery: Delivery) => void {
  let collected: Delivery[] = [];
  return (delivery) => {
    if (collected.push(delivery) > 1) return;
    setTimeout(() => {
      const batch = collected;
      collected = [];
      show(joined([], batch));
    }, COLLECT_MS);
  };
}

/** The state is no filter here: a delivery that leaves the state that the list shows changes there, too. */
function liveUrl({ webhook, event, media }: DeliveryFilters, after: string | null): string {
  const filters = { webhook_id: webhook, event, media_id: media, after: after ?? undefined };
  const given = Object.entries(filters).filter(
    (filter): filter is [string, string] => filter[1] !== undefined,
  );
  return `/api/webhooks/deliveries/live?${new URLSearchParams(given)}`;
}

function joined(old: readonly Delivery[], added: readonly Delivery[]): readonly Delivery[] {
  return [...new Map([...old, ...added].map((delivery) => [delivery.id, delivery])).values()];
}
