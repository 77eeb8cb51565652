import { notFound } from '../../errors.ts';
import { accountOf } from '../authentication.ts';
import type { App, Services } from '../server.ts';
import { dataBody, IdParams, success } from '../wire/envelope.ts';
import { WebhookBody, webhookBody } from '../wire/webhook.ts';

/** Both may be repeated: a webhook that is as it is asked to be stays so. */
export function webhookPauseRoutes(api: App, { storage, dispatcher, now }: Services): void {
  const response = { 200: dataBody({ webhook: WebhookBody }) };

  api.post(
    '/webhooks/:id/pause',
    {
      schema: {
        summary: 'Pause a webhook: its deliveries queue, and none is sent until it is resumed',
        params: IdParams,
        response,
      },
    },
    async (request) => {
      const webhook = await storage.webhooks.pause(accountOf(request).id, request.params.id, now());
      if (!webhook) throw notFound('webhook');
      dispatcher.pause(webhook.id);
      return success({ webhook: webhookBody(webhook, dispatcher.circuits.of(webhook.id)) });
    },
  );

  api.post(
    '/webhooks/:id/resume',
    {
      schema: {
        summary: 'Resume a paused webhook, whatever paused it: what has queued is sent, in order',
        params: IdParams,
        response,
      },
    },
    async (request) => {
      const webhook = await storage.webhooks.resume(accountOf(request).id, request.params.id, now());
      if (!webhook) throw notFound('webhook');
      dispatcher.resume(webhook.id);
      return success({ webhook: webhookBody(webhook, dispatcher.circuits.of(webhook.id)) });
    },
  );
}
