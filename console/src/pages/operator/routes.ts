import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/root-route.tsx';
import type { AuditAction } from '../../queries/audit.ts';
import { actionIn } from '../audit/audit-search.ts';

const serviceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/operator/service',
  component: lazyRouteComponent(() => import('./service/service-page.tsx'), 'ServicePage'),
});

const accountsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/operator/accounts',
  validateSearch: ({ search, page }: Record<string, unknown>): { search?: string; page?: number } => ({
    ...(typeof search === 'string' && search !== '' && { search }),
    ...pageIn(page),
  }),
  component: lazyRouteComponent(() => import('./accounts/accounts-page.tsx'), 'AccountsPage'),
});

interface AuditSearch {
  readonly action?: AuditAction;
  readonly account?: string;
  readonly page?: number;
}

const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/operator/audit',
  validateSearch: ({ action, account, page }: Record<string, unknown>): AuditSearch => ({
    ...actionIn(action),
    ...(typeof account === 'string' && account !== '' && { account }),
    ...pageIn(page),
  }),
  component: lazyRouteComponent(() => import('./audit-page.tsx'), 'AuditPage'),
});

export const operatorRoutes = [serviceRoute, accountsRoute, auditRoute] as const;

function pageIn(page: unknown): { page?: number } {
  return typeof page === 'number' && page > 1 ? { page: Math.trunc(page) } : {};
}
