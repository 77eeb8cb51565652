import { randomUUIDv7 } from 'node:crypto';
import { Type } from 'typebox';
import { deliveryHeaders, failureOf } from '../../../delivery/attempt/make-attempt.ts';
import { notFound, ServiceError } from '../../../domain/errors.ts';
import { eventBody } from '../../../domain/event.ts';
import { senderCredentialsOf, type Webhook } from '../../../domain/webhook.ts';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { Count, IdParams, MessageBody, message, Nullable } from '../../wire/envelope.ts';

const CheckBody = Type.Object({
  ...MessageBody.properties,
  data: Type.Object({
    receiver_status: Nullable(Type.Integer({ minimum: 200, maximum: 299 })),
    receiver_response: Nullable(Type.String()),
    duration_ms: Count,
  }),
});

const CHECK_EXAMPLE = {
  ...message('the receiver answered 200 after 141 ms'),
  data: { receiver_status: 200, receiver_response: 'ok', duration_ms: 141 },
};

/** Sends a sample event now. It is an event of no media: nothing is stored, nothing is tried again. */
export function webhookCheckRoutes(api: App, { storage, sender, now }: Services): void {
  api.post(
    '/webhooks/check/:id',
    {
      config: {
        writes: false,
        errors: { receiver_failed: 'The receiver did not answer 2xx; the message says what it did.' },
      },
      schema: {
        operationId: 'checkWebhook',
        tags: ['Webhooks'],
        answerExample: CHECK_EXAMPLE,
        summary: 'Send a sample event to a webhook and say what came back',
        description:
          'It is an event of no media: nothing is stored, and nothing is tried again. A receiver that does not answer 2xx makes it a 400 that says what it did.',
        params: IdParams,
        response: { 200: CheckBody },
      },
    },
    async (request) => {
      const webhook = await storage.webhooks.find(accountOf(request).id, request.params.id);
      if (!webhook) throw notFound('webhook');
      const at = now();
      const sample = { id: randomUUIDv7(), body: sampleBody(webhook, at) };
      const exchange = await sender.post(
        webhook.url,
        deliveryHeaders(sample, senderCredentialsOf(webhook), at),
        sample.body,
      );
      const failure = failureOf(exchange);
      if (failure !== null) {
        const answer = exchange.response ? `; its answer begins: ${exchange.response}` : '';
        throw new ServiceError('receiver_failed', `${failure}, after ${exchange.durationMs} ms${answer}`);
      }
      return {
        status: 'success' as const,
        message: `the receiver answered ${exchange.status} after ${exchange.durationMs} ms`,
        data: {
          receiver_status: exchange.status,
          receiver_response: exchange.response,
          duration_ms: exchange.durationMs,
        },
      };
    },
  );
}

function sampleBody(webhook: Webhook, at: number): string {
  const type = webhook.events[0] ?? 'file.received';
  return eventBody({
    type,
    emittedAt: at,
    mediaId: randomUUIDv7(),
    mediaType: 'video',
    qualities: type === 'partial.finished' ? ['720p'] : ['360p', '720p'],
    title: 'Sample event',
    userId: webhook.userId,
  });
}
