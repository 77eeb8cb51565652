import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/root-route.tsx';
import { type DeliveryFilters, TIME_RANGES, type TimeRange } from '../../queries/deliveries.ts';
import { deliveryTexts } from '../../texts/deliveries.ts';
import { EVENT_TYPES } from '../../texts/events.ts';

const STATES = Object.keys(deliveryTexts.states) as (keyof typeof deliveryTexts.states)[];

const listRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/deliveries',
  validateSearch: (search: Record<string, unknown>): DeliveryFilters => {
    const text = (name: string) =>
      typeof search[name] === 'string' && search[name] !== '' ? String(search[name]) : undefined;
    const known = {
      webhook: text('webhook'),
      state: STATES.find((state) => state === search.state),
      event: EVENT_TYPES.find((type) => type === search.event),
      media: text('media'),
      time: (Object.keys(TIME_RANGES) as TimeRange[]).find((range) => range === search.time),
    };
    return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  },
  component: lazyRouteComponent(() => import('./deliveries-page.tsx'), 'DeliveriesPage'),
});

/** One delivery, in a panel beside the list, which stays as it is. */
const oneRoute = createRoute({
  getParentRoute: () => listRoute,
  path: '$id',
  component: lazyRouteComponent(() => import('./detail/delivery-panel.tsx'), 'DeliveryPanel'),
});

export const deliveryRoutes = [listRoute.addChildren([oneRoute])] as const;
