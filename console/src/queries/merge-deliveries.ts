import type { InfiniteData } from '@tanstack/react-query';
import { type Delivery, type DeliveryFilters, type DeliveryPage, matches } from './deliveries.ts';

type Pages = InfiniteData<DeliveryPage, string | null>;

export interface MergeOptions {
  readonly filters: DeliveryFilters;
  /** Whether new deliveries are added, which moves the others down. */
  readonly canInsert: boolean;
}

/**
 * Returns the pages of a list with deliveries as they are now: changed ones in their places, and new ones where they belong by
 * the time of their creation. One that lies behind the last loaded page comes with its page.
 * @returns the pages, and the deliveries that belong into the list and were not added
 */
export function mergeDeliveries(
  pages: Pages,
  changed: readonly Delivery[],
  { filters, canInsert }: MergeOptions,
): { readonly pages: Pages; readonly waiting: readonly Delivery[] } {
  const byId = new Map(changed.map((delivery) => [delivery.id, delivery]));
  const shown = pages.pages.map((page) =>
    page.deliveries.some(({ id }) => byId.has(id)) ? updated(page, byId) : page,
  );
  const added = [...byId.values()].filter(
    (delivery) => matches(delivery, filters) && isWithin(shown, delivery),
  );
  if (!canInsert) return { pages: { ...pages, pages: shown }, waiting: added };
  for (const delivery of added) insert(shown, delivery);
  return { pages: { ...pages, pages: shown }, waiting: [] };
}

/** Returns a page with deliveries as they are now, and removes these from the map. */
function updated(page: DeliveryPage, byId: Map<string, Delivery>): DeliveryPage {
  const deliveries = page.deliveries.map((delivery) => {
    const now = byId.get(delivery.id);
    byId.delete(delivery.id);
    return now ?? delivery;
  });
  return { ...page, deliveries };
}

/** Returns whether a delivery lies in the loaded part of the list. */
function isWithin(pages: readonly DeliveryPage[], { created_at }: Delivery): boolean {
  const last = pages.at(-1);
  if (!last || last.next_cursor === null) return true;
  const oldest = pages.findLast(({ deliveries }) => deliveries.length > 0)?.deliveries.at(-1);
  return !oldest || created_at >= oldest.created_at;
}

function insert(pages: DeliveryPage[], delivery: Delivery): void {
  for (const [number, page] of pages.entries()) {
    const place = page.deliveries.findIndex(({ created_at }) => created_at <= delivery.created_at);
    const isLast = number === pages.length - 1;
    if (place === -1 && !isLast) continue;
    pages[number] = {
      ...page,
      deliveries: page.deliveries.toSpliced(place === -1 ? Number.POSITIVE_INFINITY : place, 0, delivery),
    };
    return;
  }
}
