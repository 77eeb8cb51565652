import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/root-route.tsx';
import { FILTERS, type ListSearch } from './list-search.ts';

const listRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/media',
  validateSearch: ({ search, status, page }: Record<string, unknown>): ListSearch => {
    const known = FILTERS.find((one) => one === status);
    return {
      ...(typeof search === 'string' && search !== '' && { search }),
      ...(known && { status: known }),
      ...(typeof page === 'number' && page > 1 && { page: Math.trunc(page) }),
    };
  },
  component: lazyRouteComponent(() => import('./list/media-list-page.tsx'), 'MediaListPage'),
});

const oneRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/media/$id',
  component: lazyRouteComponent(() => import('./detail/media-page.tsx'), 'MediaPage'),
});

export const mediaRoutes = [listRoute, oneRoute] as const;
