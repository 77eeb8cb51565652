import { notFound } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { dataBody, IdParams, success } from '../../wire/envelope.ts';
import { EXAMPLE_TIMES } from '../../wire/example-values.ts';
import { WEBHOOK_EXAMPLE, WebhookBody, webhookBody } from '../../wire/webhook.ts';

/** Both may be repeated: a webhook that is as it is asked to be stays so. */
export function webhookPauseRoutes(api: App, { storage, dispatcher, now }: Services): void {
  const response = { 200: dataBody({ webhook: WebhookBody }) };

  api.post(
    '/webhooks/:id/pause',
    {
      schema: {
        operationId: 'pauseWebhook',
        tags: ['Webhooks'],
        answerExample: success({
          webhook: { ...WEBHOOK_EXAMPLE, paused_at: EXAMPLE_TIMES.later, pause_reason: 'owner' },
        }),
        summary: 'Pause a webhook: its deliveries queue, and none is sent until it is resumed',
        description: 'May be repeated. What is under way ends, and is recorded.',
        params: IdParams,
        response,
      },
    },
    async (request) => {
      const { id } = request.params;
      const webhook = await storage.webhooks.pause(accountOf(request).id, id, {
        at: now(),
        by: actorOf(request),
      });
      if (!webhook) throw notFound('webhook');
      dispatcher.pauseWebhook(webhook.id);
      return success({ webhook: webhookBody(webhook, dispatcher.circuits.of(webhook.id)) });
    },
  );

  api.post(
    '/webhooks/:id/resume',
    {
      schema: {
        operationId: 'resumeWebhook',
        tags: ['Webhooks'],
        summary: 'Resume a paused webhook, whatever paused it: what has queued is sent, in order',
        description: 'May be repeated.',
        params: IdParams,
        response,
      },
    },
    async (request) => {
      const { id } = request.params;
      const webhook = await storage.webhooks.resume(accountOf(request).id, id, {
        at: now(),
        by: actorOf(request),
      });
      if (!webhook) throw notFound('webhook');
      dispatcher.resumeWebhook(webhook.id);
      return success({ webhook: webhookBody(webhook, dispatcher.circuits.of(webhook.id)) });
    },
  );
}
