import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { readStream } from '../api/event-stream.ts';
import {
  DELIVERIES,
  type Delivery,
  type DeliveryFilters,
  type DeliveryPage,
  deliveriesQuery,
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
  const collected = useRef<Delivery[]>([]);
  const { queryKey } = deliveriesQuery(filters);
  const key = JSON.stringify(queryKey);

  const apply = useCallback(
    (deliveries: readonly Delivery[], canInsert: boolean): readonly Delivery[] => {
      const [, , wanted] = JSON.parse(key) as [string, string, DeliveryFilters];
      const pages = queryClient.getQueryData<Pages>(JSON.parse(key));
      if (!pages) return [];
      const merged = mergeDeliveries(pages, deliveries, wanted, canInsert);
      queryClient.setQueryData<Pages>(JSON.parse(key), merged.pages);
      return merged.waiting;
    },
    [key, queryClient],
  );

  useEffect(() => {
    const [, , wanted] = JSON.parse(key) as [string, string, DeliveryFilters];
    const aborter = new AbortController();
    let wasOpen = false;
    setWaiting([]);
    const flush = () => {
      const batch = collected.current;
      collected.current = [];
      const left = apply(batch, window.scrollY < READING_PX);
      if (left.length > 0) setWaiting((others) => joined(others, left));
      for (const { id } of batch)
        void queryClient.invalidateQueries({ queryKey: [...DELIVERIES, 'one', id] });
    };
    void readStream({
      url: (lastId) => liveUrl(wanted, lastId),
      signal: aborter.signal,
      onState: (open) => {
        if (aborter.signal.aborted) return;
        setIsOpen(open);
        // Reads the list again, because changes may have been missed while there was no connection.
        if (open && wasOpen) void queryClient.invalidateQueries({ queryKey: JSON.parse(key) });
        wasOpen ||= open;
      },
      onEvent: ({ data }) => {
        const delivery = deliveryIn(data);
        if (!delivery) return;
        if (collected.current.length === 0) setTimeout(flush, COLLECT_MS);
        collected.current.push(delivery);
      },
    });
    return () => aborter.abort();
  }, [key, apply, queryClient]);

  const showWaiting = useCallback(() => {
    window.scrollTo({ top: 0 });
    apply(waiting, true);
    setWaiting([]);
  }, [apply, waiting]);
  return { isOpen, waiting: waiting.length, showWaiting };
}

function liveUrl({ webhook, state, event, media }: DeliveryFilters, after: string | null): string {
  const filters = { webhook_id: webhook, state, event, media_id: media, after: after ?? undefined };
  const given = Object.entries(filters).filter(
    (filter): filter is [string, string] => filter[1] !== undefined,
  );
  return `/api/webhooks/deliveries/live?${new URLSearchParams(given)}`;
}

function deliveryIn(data: string): Delivery | null {
  const value = JSON.parse(data) as { delivery?: Delivery } & Partial<Delivery>;
  const delivery = value.delivery ?? value;
  return delivery.id ? (delivery as Delivery) : null;
}

function joined(old: readonly Delivery[], added: readonly Delivery[]): readonly Delivery[] {
  return [...new Map([...old, ...added].map((delivery) => [delivery.id, delivery])).values()];
}
