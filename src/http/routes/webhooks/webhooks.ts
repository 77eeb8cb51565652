import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { EVENT_FIELD, type Webhook } from '../../../domain/webhook.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import {
  Count,
  dataBody,
  IdParams,
  MessageBody,
  message,
  PageQuery,
  pageRequest,
  success,
} from '../../wire/envelope.ts';
import { NewWebhookBody, WebhookBody, webhookBody } from '../../wire/webhook.ts';
import {
  EventFlags,
  eventFlagsOf,
  URL_NOT_ALLOWED,
  WebhookChangesInput,
  WebhookInput,
  webhookSettingsOf,
} from '../../wire/webhook-input.ts';

/**
 * Fields by which webhooks can be sorted. The newest public clients of the AIOZ Stream API
 * also sort by `url`.
 */
const SORT_COLUMN = { created_at: 'createdAt', name: 'name', url: 'url' } as const;
const SortBy = Type.Optional(
  Type.Enum(['created_at', 'name', 'url'], { description: 'created_at if left out.' }),
);

export function webhookRoutes(api: App, { webhooks }: Pick<Services, 'webhooks'>): void {
  api.post(
    '/webhooks',
    {
      config: {
        errors: {
          url_not_allowed: URL_NOT_ALLOWED,
          limit_reached: 'The account has the maximum number of webhooks.',
        },
      },
      preValidation: async (request) => formValues(request),
      schema: {
        operationId: 'createWebhook',
        tags: ['Webhooks'],
        summary: 'Create a webhook',
        description: 'The answer holds the secret with which receivers verify requests.',
        consumes: ['application/json', 'application/x-www-form-urlencoded'],
        body: WebhookInput,
        response: { 201: dataBody({ webhook: NewWebhookBody }) },
      },
    },
    async (request, reply) => {
      const { url } = request.body;
      const wanted = { url, ...webhookSettingsOf(request.body) };
      const webhook = await webhooks.create(accountOf(request).id, wanted, actorOf(request));
      return reply.code(201).send(success({ webhook: { ...bodyOf(webhook), secret: webhook.secret } }));
    },
  );

  api.get(
    '/webhooks',
    {
      config: { isList: true },
      schema: {
        operationId: 'listWebhooks',
        tags: ['Webhooks'],
        summary: 'List webhooks',
        querystring: Type.Object({ ...PageQuery, ...EventFlags.properties, sort_by: SortBy }),
        response: {
          200: dataBody({ webhooks: Type.Array(WebhookBody), total: Count }),
        },
      },
    },
    async (request) => {
      const { items, total } = await webhooks.list(accountOf(request).id, {
        ...pageRequest(request.query),
        sortBy: SORT_COLUMN[request.query.sort_by ?? 'created_at'],
        events: eventFlagsOf(request.query),
      });
      return success({ webhooks: items.map(bodyOf), total });
    },
  );

  api.get(
    '/webhooks/:id',
    {
      schema: {
        operationId: 'getWebhook',
        tags: ['Webhooks'],
        summary: 'One webhook',
        params: IdParams,
        response: { 200: dataBody({ webhook: WebhookBody }) },
      },
    },
    async (request) =>
      success({ webhook: bodyOf(await webhooks.find(accountOf(request).id, request.params.id)) }),
  );

  api.route({
    method: ['PUT', 'PATCH'],
    url: '/webhooks/:id',
    config: { errors: { url_not_allowed: URL_NOT_ALLOWED } },
    preValidation: async (request) => formValues(request),
    schema: {
      operationId: 'updateWebhook',
      tags: ['Webhooks'],
      answerExample: message('the webhook was changed'),
      summary: 'Change a webhook; fields that are left out stay as they are',
      description:
        'PUT and PATCH do the same. `headers` and `retry_schedule` are replaced as a whole. At least one event must stay true.',
      consumes: ['application/json', 'application/x-www-form-urlencoded'],
      params: IdParams,
      body: WebhookChangesInput,
      response: { 200: MessageBody },
    },
    handler: async (request) => {
      const { url } = request.body;
      const wanted = { url, ...webhookSettingsOf(request.body) };
      await webhooks.update(accountOf(request).id, request.params.id, wanted, actorOf(request));
      return message('the webhook was changed');
    },
  });

  api.delete(
    '/webhooks/:id',
    {
      schema: {
        operationId: 'deleteWebhook',
        tags: ['Webhooks'],
        answerExample: message('the webhook was removed'),
        summary: 'Remove a webhook for good; its pending deliveries are cancelled',
        description: 'Its deliveries are kept, and can be listed by the id of the webhook.',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      await webhooks.remove(accountOf(request).id, request.params.id, actorOf(request));
      return message('the webhook was removed');
    },
  );

  function bodyOf(webhook: Webhook): Static<typeof WebhookBody> {
    return webhookBody(webhook, webhooks.circuitOf(webhook.id));
  }
}

/**
 * Converts the texts in a form body to booleans and a number. A list of retry delays can
 * only be sent as JSON.
 */
function formValues(request: FastifyRequest): void {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return;
  const body = request.body as Record<string, unknown>;
  for (const field of Object.values(EVENT_FIELD)) {
    if (body[field] === 'true' || body[field] === '1') body[field] = true;
    else if (body[field] === 'false' || body[field] === '0') body[field] = false;
  }
  const { max_in_flight: most } = body;
  if (typeof most === 'string' && /^\d+$/.test(most)) body.max_in_flight = Number(most);
}
