import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, Outlet, redirect } from '@tanstack/react-router';
import { sessionQuery } from '../queries/session.ts';
import { CrashPage, NotFoundPage } from './fallback-pages.tsx';
import { Shell } from './shell.tsx';

export interface RouterContext {
  readonly queryClient: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
  errorComponent: CrashPage,
});

/** Parent of all pages that someone must be signed in for: it has the navigation, and sends everyone else to sign in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context: { queryClient }, location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/sign-in', search: { next: nextOf(location.href) } });
    return { session };
  },
});

/** Returns where to go after signing in; nothing for the start page. */
function nextOf(href: string): string | undefined {
  const path = href.replace(/^\/console/, '');
  return path === '' || path === '/' ? undefined : path;
}
