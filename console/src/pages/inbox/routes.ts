import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/root-route.tsx';

const listRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/inboxes',
  component: lazyRouteComponent(() => import('./inboxes-page.tsx'), 'InboxesPage'),
});

const oneRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/inboxes/$id',
  component: lazyRouteComponent(() => import('./inbox-page.tsx'), 'InboxPage'),
});

export const inboxRoutes = [listRoute, oneRoute] as const;
