import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/root-route.tsx';
import { actionIn } from '../audit/audit-search.ts';
import { ACCOUNT_TABS, type AccountSearch } from './account-tabs.ts';

const accountRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/account',
  validateSearch: ({ tab, page, action }: Record<string, unknown>): AccountSearch => {
    const known = ACCOUNT_TABS.find((one) => one === tab);
    return {
      ...(known && known !== 'keys' && { tab: known }),
      ...(typeof page === 'number' && page > 1 && { page: Math.trunc(page) }),
      ...actionIn(action),
    };
  },
  component: lazyRouteComponent(() => import('./account-page.tsx'), 'AccountPage'),
});

export const accountRoutes = [accountRoute] as const;
