import { Type } from 'typebox';
import { EVENT_TYPES } from '../../../domain/event.ts';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { dataBody, IdParams, success } from '../../wire/envelope.ts';
import { CHECKED_EXAMPLE, CheckBody, CheckedBody, checkBody, checkedBody } from '../../wire/webhook-check.ts';
import { URL_NOT_ALLOWED, UrlInput } from '../../wire/webhook-input.ts';

/** Registers the routes that send a sample event to a webhook, that list those sent before, and that check a URL. */
export function webhookCheckRoutes(api: App, { webhooks }: Pick<Services, 'webhooks'>): void {
  api.post(
    '/webhooks/check/:id',
    {
      config: {
        errors: {
          receiver_failed: 'The receiver did not answer 2xx. The message says what the receiver did.',
          rate_limited:
            'The account or the address made too many requests, or ten checks of the account are running.',
          overloaded: 'Too many checks are running, or too many requests to the receiver are in flight.',
        },
      },
      schema: {
        operationId: 'checkWebhook',
        tags: ['Webhooks'],
        answerExample: CHECKED_EXAMPLE,
        summary: 'Send a sample event to a webhook and return what the receiver answered',
        description:
          'The sample event belongs to no media, is not retried, and has the header `webhook-test: true`. If the receiver does not answer 2xx, the answer is a 400 that says what the receiver did. The newest twenty checks of a webhook are kept.',
        params: IdParams,
        querystring: Type.Object({
          event: Type.Optional(
            Type.Enum(EVENT_TYPES, {
              description: 'Type of the sample event; the first type that the webhook wants if left out.',
            }),
          ),
        }),
        response: { 200: CheckedBody },
      },
    },
    async (request) => {
      const { event } = request.query;
      return checkedBody(await webhooks.check(accountOf(request).id, request.params.id, event));
    },
  );

  api.post(
    '/webhooks/check_url',
    {
      config: {
        writes: false,
        errors: {
          url_not_allowed: URL_NOT_ALLOWED,
          rate_limited:
            'The account or the address made too many requests, or ten names of hosts are being looked up for the account.',
          overloaded: 'Too many names of hosts are being looked up.',
        },
      },
      schema: {
        operationId: 'checkWebhookUrl',
        tags: ['Webhooks'],
        summary: 'Check whether a webhook could have a URL, without creating one',
        description:
          'Answers as the creation of a webhook with this URL would, and with the URL as it would be stored. Nothing is sent there. A name that does not resolve yet is accepted.',
        body: UrlInput,
        response: {
          200: dataBody({ url: Type.String({ format: 'uri', examples: ['https://example.com/hooks'] }) }),
        },
      },
    },
    async (request) => {
      const url = await webhooks.checkUrl(accountOf(request).id, request.body.url);
      return success({ url });
    },
  );

  api.get(
    '/webhooks/:id/checks',
    {
      schema: {
        operationId: 'listChecks',
        tags: ['Webhooks'],
        summary: 'The newest checks of a webhook, newest first, up to twenty',
        params: IdParams,
        response: { 200: dataBody({ checks: Type.Array(CheckBody) }) },
      },
    },
    async (request) => {
      const checks = await webhooks.checks(accountOf(request).id, request.params.id);
      return success({ checks: checks.map(checkBody) });
    },
  );
}
