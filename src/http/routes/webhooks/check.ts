import { Type } from 'typebox';
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

/** Registers the route that sends a sample event to a webhook, so that its receiver can be tested. */
export function webhookCheckRoutes(api: App, { webhooks }: Pick<Services, 'webhooks'>): void {
  api.post(
    '/webhooks/check/:id',
    {
      config: {
        writes: false,
        errors: {
          receiver_failed: 'The receiver did not answer 2xx. The message says what the receiver did.',
        },
      },
      schema: {
        operationId: 'checkWebhook',
        tags: ['Webhooks'],
        answerExample: CHECK_EXAMPLE,
        summary: 'Send a sample event to a webhook and return what the receiver answered',
        description:
          'The sample event belongs to no media. It is not stored, and not retried. If the receiver does not answer 2xx, the answer is a 400 that says what the receiver did.',
        params: IdParams,
        response: { 200: CheckBody },
      },
    },
    async (request) => {
      const exchange = await webhooks.check(accountOf(request).id, request.params.id);
      return {
        ...message(`the receiver answered ${exchange.status} after ${exchange.durationMs} ms`),
        data: {
          receiver_status: exchange.status,
          receiver_response: exchange.response,
          duration_ms: exchange.durationMs,
        },
      };
    },
  );
}
