import { randomUUIDv7 } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { newPrivateKey, newSigningSecret } from '../../../delivery/attempt/signature.ts';
import { invalidField, notFound, ServiceError } from '../../../domain/errors.ts';
import { EVENT_TYPES, type EventType } from '../../../domain/event.ts';
import type { Webhook } from '../../../domain/webhook.ts';
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
import { NOT_BLANK } from '../../wire/validation-phrases.ts';
import {
  EVENT_FIELD,
  EventFlags,
  type EventFlagsInput,
  eventsOf,
  NewWebhookBody,
  retryScheduleOf,
  WebhookBody,
  WebhookChangesInput,
  WebhookInput,
  webhookBody,
} from '../../wire/webhook.ts';
import { headersOf } from '../../wire/webhook-headers.ts';

const DEFAULT_NAME = 'Webhook';

const URL_NOT_ALLOWED =
  'The URL leads to an address that is not on the public internet, to a port of another protocol, or is http where the operator takes https alone.';

/** Changes that hold for deliveries that are queued already, too. */
const REACH_WHAT_IS_QUEUED = ['url', 'retrySchedule', 'maxInFlight', 'signature', 'headers'] as const;

/** The newest public clients sort by URL, too. */
const SORT_COLUMN = { created_at: 'createdAt', name: 'name', url: 'url' } as const;
const SortBy = Type.Optional(
  Type.Enum(['created_at', 'name', 'url'], { description: 'created_at where it is left out.' }),
);

export function webhookRoutes(api: App, services: Services): void {
  const { storage, dispatcher, egress, now } = services;

  api.post(
    '/webhooks',
    {
      config: {
        errors: {
          url_not_allowed: URL_NOT_ALLOWED,
          limit_reached: 'The account has as many webhooks as it may.',
        },
      },
      preValidation: async (request) => formValues(request),
      schema: {
        operationId: 'createWebhook',
        tags: ['Webhooks'],
        summary: 'Create a webhook',
        description: 'The answer holds the secret that verifies what is sent.',
        consumes: ['application/json', 'application/x-www-form-urlencoded'],
        body: WebhookInput,
        response: { 201: dataBody({ webhook: NewWebhookBody }) },
      },
    },
    async (request, reply) => {
      const { url, name = '', retry_schedule = 'default', max_in_flight = null, ...rest } = request.body;
      const { signature = 'hmac', headers = {}, ...flags } = rest;
      const webhook: Webhook = {
        id: randomUUIDv7(),
        userId: accountOf(request).id,
        name: NOT_BLANK.test(name) ? name : DEFAULT_NAME,
        url: await checkedUrl(url, egress),
        events: wanted(flags, []),
        secret: newSigningSecret(),
        signature,
        privateKey: signature === 'hmac' ? null : newPrivateKey(),
        previousKeys: null,
        headers: headersOf(headers),
        createdAt: now(),
        updatedAt: now(),
        lastTriggeredAt: null,
        pausedAt: null,
        pauseReason: null,
        failingSince: null,
        lastError: null,
        retrySchedule: retryScheduleOf(retry_schedule),
        maxInFlight: max_in_flight,
      };
      await storage.webhooks.create(webhook, services.accountLimits.webhooks, actorOf(request));
      return reply.code(201).send(success({ webhook: { ...bodyOf(webhook), secret: webhook.secret } }));
    },
  );

  api.get(
    '/webhooks',
    {
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
      const events = eventFilter(request.query);
      const { items, total } = await storage.webhooks.list(accountOf(request).id, {
        ...pageRequest(request.query),
        sortBy: SORT_COLUMN[request.query.sort_by ?? 'created_at'],
        events,
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
    async (request) => success({ webhook: bodyOf(await findWebhook(request, request.params.id)) }),
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
      summary: 'Change a webhook; what is left out stays',
      description:
        'PUT and PATCH are the same. `headers` and `retry_schedule` are replaced as a whole; at least one event stays true.',
      consumes: ['application/json', 'application/x-www-form-urlencoded'],
      params: IdParams,
      body: WebhookChangesInput,
      response: { 200: MessageBody },
    },
    handler: async (request) => {
      // Its name may take seconds to be looked up: what is changed is read after that.
      const { url, ...rest } = request.body;
      const checked = url === undefined ? {} : { url: await checkedUrl(url, egress) };
      const webhook = await findWebhook(request, request.params.id);
      const changes = { ...checked, ...changesOf(rest, webhook) };
      const { userId, id } = webhook;
      if (!(await storage.webhooks.update(userId, id, changes, { at: now(), by: actorOf(request) })))
        throw notFound('webhook');
      if (REACH_WHAT_IS_QUEUED.some((field) => field in changes)) dispatcher.reloadWebhook(webhook.id);
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
        description: 'Its deliveries stay on record, and can be listed by its id.',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await storage.webhooks.delete(accountOf(request).id, id, { at: now(), by: actorOf(request) })))
        throw notFound('webhook');
      dispatcher.removeWebhook(id);
      return message('the webhook was removed');
    },
  );

  function bodyOf(webhook: Webhook): Static<typeof WebhookBody> {
    return webhookBody(webhook, dispatcher.circuits.of(webhook.id));
  }

  async function findWebhook(request: FastifyRequest, id: string): Promise<Webhook> {
    const webhook = await storage.webhooks.find(accountOf(request).id, id);
    if (!webhook) throw notFound('webhook');
    return webhook;
  }

  function changesOf(input: Omit<Static<typeof WebhookChangesInput>, 'url'>, webhook: Webhook) {
    const { name, retry_schedule, max_in_flight, signature, headers, ...flags } = input;
    return {
      ...(name === undefined ? {} : { name }),
      ...(retry_schedule === undefined ? {} : { retrySchedule: retryScheduleOf(retry_schedule) }),
      ...(max_in_flight === undefined ? {} : { maxInFlight: max_in_flight }),
      ...(signature === undefined
        ? {}
        : { signature, ...(signature !== 'hmac' && { privateKey: newPrivateKey() }) }),
      ...(headers === undefined ? {} : { headers: headersOf(headers, webhook.headers) }),
      events: wanted(flags, webhook.events),
    };
  }
}

function wanted(flags: EventFlagsInput, before: readonly EventType[]): EventType[] {
  const events = eventsOf(flags, before);
  if (events.length > 0) return events;
  const names = Object.values(EVENT_FIELD).join(', ');
  throw new ServiceError('invalid_request', `at least one event must be true: ${names}`, {
    details: Object.values(EVENT_FIELD).map((field) => ({
      field,
      message: 'at least one of the five must be true',
    })),
  });
}

function eventFilter(query: EventFlagsInput): Partial<Record<EventType, boolean>> {
  const filter: Partial<Record<EventType, boolean>> = {};
  for (const type of EVENT_TYPES) {
    const flag = query[EVENT_FIELD[type]];
    if (flag !== undefined) filter[type] = flag;
  }
  return filter;
}

async function checkedUrl(text: string, egress: Services['egress']): Promise<string> {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw invalidField('url', 'expected an http or https URL');
  if (url.username !== '' || url.password !== '') {
    throw invalidField('url', 'expected no user name or password; verify the signature instead');
  }
  const refusal = await egress.urlRefusal(url);
  if (refusal !== null) {
    throw new ServiceError('url_not_allowed', `url: ${refusal}`, {
      details: [{ field: 'url', message: refusal }],
    });
  }
  // A fragment is never sent.
  url.hash = '';
  return url.href;
}

/** Forms know no booleans and no numbers, only their names. A schedule of one's own needs JSON. */
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
