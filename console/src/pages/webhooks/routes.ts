import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { shellRoute } from '../../app/root-route.tsx';
import { WEBHOOK_TABS, type WebhookTab } from './webhook-tabs.ts';

const listRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/webhooks',
  validateSearch: ({ search, page }: Record<string, unknown>): { search?: string; page?: number } => ({
    ...(typeof search === 'string' && search !== '' && { search }),
    ...(typeof page === 'number' && page > 1 && { page: Math.trunc(page) }),
  }),
  component: lazyRouteComponent(() => import('./webhooks-page.tsx'), 'WebhooksPage'),
});

const newRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/webhooks/new',
  component: lazyRouteComponent(() => import('./form/new-webhook-page.tsx'), 'NewWebhookPage'),
});

const oneRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/webhooks/$id',
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: WebhookTab } => {
    const known = WEBHOOK_TABS.find((one) => one === tab);
    return known && known !== 'overview' ? { tab: known } : {};
  },
  component: lazyRouteComponent(() => import('./webhook-page.tsx'), 'WebhookPage'),
});

const editRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/webhooks/$id/edit',
  component: lazyRouteComponent(() => import('./form/edit-webhook-page.tsx'), 'EditWebhookPage'),
});

export const webhookRoutes = [listRoute, newRoute, oneRoute, editRoute] as const;
