import type { Webhook } from '../../../domain/webhook.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { dataBody, IdParams, success } from '../../wire/envelope.ts';
import { EXAMPLE_TIMES } from '../../wire/example-values.ts';
import { WEBHOOK_EXAMPLE, WebhookBody, webhookBody } from '../../wire/webhook.ts';

/**
 * Registers the routes that pause and resume a webhook. Pausing a paused webhook changes nothing. Resuming a
 * webhook that is not paused changes nothing either.
 */
export function webhookPauseRoutes(api: App, { webhooks }: Pick<Services, 'webhooks'>): void {
  const response = { 200: dataBody({ webhook: WebhookBody }) };
  const answer = (webhook: Webhook) =>
    success({ webhook: webhookBody(webhook, webhooks.circuitOf(webhook.id)) });

  api.post(
    '/webhooks/:id/pause',
    {
      config: { isEssential: true },
      schema: {
        operationId: 'pauseWebhook',
        tags: ['Webhooks'],
        answerExample: success({
          webhook: { ...WEBHOOK_EXAMPLE, paused_at: EXAMPLE_TIMES.later, pause_reason: 'owner' },
        }),
        summary: 'Pause a webhook: its deliveries queue, and nothing is sent until it is resumed',
        description: 'A repeat changes nothing. Requests in flight are completed and recorded.',
        params: IdParams,
        response,
      },
    },
    async (request) =>
      answer(await webhooks.pause(accountOf(request).id, request.params.id, actorOf(request))),
  );

  api.post(
    '/webhooks/:id/resume',
    {
      schema: {
        operationId: 'resumeWebhook',
        tags: ['Webhooks'],
        summary: 'Resume a paused webhook: its queued deliveries are sent, in order',
        description: 'Works for every reason of the pause. A repeat changes nothing.',
        params: IdParams,
        response,
      },
    },
    async (request) =>
      answer(await webhooks.resume(accountOf(request).id, request.params.id, actorOf(request))),
  );
}
