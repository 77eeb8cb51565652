import type { FastifyInstance } from 'fastify';
import type { App } from '../app.ts';
import { serveConsole } from '../console/console-pages.ts';
import { useFileForms } from '../hooks/bodies/file-form.ts';
import type { RateLimits } from '../hooks/rate-limits.ts';
import type { Services } from '../services.ts';
import { accountRoutes, currentUserRoute } from './accounts/accounts.ts';
import { apiKeyRoutes } from './accounts/api-keys.ts';
import { auditRoutes } from './accounts/audit.ts';
import { authRoutes } from './accounts/auth.ts';
import { consoleLinkRoutes } from './console/links.ts';
import { consoleLogoRoute } from './console/logo.ts';
import { consoleSessionRoutes } from './console/session.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { inboxRoutes } from './inboxes/inboxes.ts';
import { receiveRoute } from './inboxes/receive.ts';
import { assetRoutes } from './media/assets.ts';
import { mediaRoutes } from './media/media.ts';
import { mediaCostRoutes } from './media/media-cost.ts';
import { mediaListRoutes } from './media/media-lists.ts';
import { playerRoutes } from './media/player.ts';
import { storyRoutes } from './media/story.ts';
import { thumbnailRoutes } from './media/thumbnails.ts';
import { uploadRoutes } from './media/uploads.ts';
import { metricsRoute } from './metrics.ts';
import { bulkResendRoutes } from './webhooks/bulk-resends.ts';
import { webhookCheckRoutes } from './webhooks/check.ts';
import { deliveryRoutes } from './webhooks/deliveries.ts';
import { liveDeliveryRoutes } from './webhooks/live-deliveries.ts';
import { webhookPauseRoutes } from './webhooks/pauses.ts';
import { webhookKeyRoutes } from './webhooks/signing-keys.ts';
import { statisticsRoutes } from './webhooks/statistics.ts';
import { webhookRoutes } from './webhooks/webhooks.ts';

/**
 * Registers all routes of the service, except the routes that describe the API.
 * @param mostSentFiles maximum number of files of media that are sent at the same time
 */
export async function registerRoutes(
  app: App,
  services: Services,
  rateLimits: RateLimits,
  mostSentFiles: number,
): Promise<void> {
  await app.register((api) => registerApi(api, services), { prefix: '/api' });
  healthRoutes(app, services);
  metricsRoute(app, services, rateLimits);
  playerRoutes(app, services);
  if (services.console.isOn) serveConsole(app, services.console);
  await app.register(async (inbox) => receiveRoute(inbox as App, services));
  await app.register((assets) => assetRoutes(assets as App, services, mostSentFiles), { prefix: '/assets' });
}

async function registerApi(instance: FastifyInstance, services: Services): Promise<void> {
  const api = instance as App;
  webhookRoutes(api, services);
  webhookCheckRoutes(api, services);
  webhookPauseRoutes(api, services);
  webhookKeyRoutes(api, services);
  deliveryRoutes(api, services);
  liveDeliveryRoutes(api, services);
  statisticsRoutes(api, services);
  bulkResendRoutes(api, services);
  eventRoutes(api, services);
  mediaRoutes(api, services);
  mediaListRoutes(api, services);
  storyRoutes(api, services);
  await api.register(async (forms) => {
    await useFileForms(forms as App);
    uploadRoutes(forms as App, services);
    thumbnailRoutes(forms as App, services);
  });
  mediaCostRoutes(api);
  apiKeyRoutes(api, services);
  currentUserRoute(api);
  authRoutes(api, services);
  accountRoutes(api, services);
  auditRoutes(api, services);
  inboxRoutes(api, services);
  consoleSessionRoutes(api, services);
  consoleLinkRoutes(api, services);
  consoleLogoRoute(api, services);
}
