import type { QueryClient } from '@tanstack/react-query';
import { createRoute, createRouter, redirect } from '@tanstack/react-router';
import { accountRoutes } from '../pages/account/routes.ts';
import { deliveryRoutes } from '../pages/deliveries/routes.ts';
import { inboxRoutes } from '../pages/inbox/routes.ts';
import { mediaRoutes } from '../pages/media/routes.ts';
import { operatorRoutes } from '../pages/operator/routes.ts';
import { overviewRoutes } from '../pages/overview/routes.ts';
import { signInRoute } from '../pages/sign-in/routes.ts';
import { webhookRoutes } from '../pages/webhooks/routes.ts';
import { CrashNote } from './fallback-pages.tsx';
import { ACCOUNT_PAGES } from './navigation.tsx';
import { rootRoute, shellRoute } from './root-route.tsx';

const startRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: ACCOUNT_PAGES[0]?.to ?? '/sign-in', replace: true });
  },
});

/** All pages. Each area lists its own in its `routes.ts`, and loads them when someone opens them. */
const routeTree = rootRoute.addChildren([
  signInRoute,
  shellRoute.addChildren([
    startRoute,
    ...overviewRoutes,
    ...webhookRoutes,
    ...deliveryRoutes,
    ...inboxRoutes,
    ...mediaRoutes,
    ...accountRoutes,
    ...operatorRoutes,
  ]),
]);

export function createConsoleRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    basepath: '/console',
    context: { queryClient },
    defaultErrorComponent: CrashNote,
    defaultPreload: 'intent',
    // Queries remember answers by themselves.
    defaultPreloadStaleTime: 0,
    scrollRestoration: false,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
