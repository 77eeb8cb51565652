import { Type } from 'typebox';
import { notFound } from '../../../domain/errors.ts';
import type { Inbox, InboxRequest } from '../../../webhooks/inbox/inbox.ts';
import type { Inboxes } from '../../../webhooks/inbox/inboxes.ts';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { EVENT_STREAM, Seconds } from '../../streams/event-streams.ts';
import { dataBody, IdParams, MessageBody, message, success } from '../../wire/envelope.ts';
import {
  BehaviourInput,
  behaviourOf,
  InboxBody,
  InboxRequestBody,
  inboxBody,
  inboxRequestBody,
} from '../../wire/inboxes/inbox.ts';
import { DIGITS } from '../../wire/validation-phrases.ts';

export type InboxServices = Pick<Services, 'inboxes' | 'eventStreams'>;

const not_found = 'The account has no such inbox, or it has expired, or the operator has turned inboxes off.';
const response = { 200: dataBody({ inbox: InboxBody }) };

/** Registers the routes of inboxes: built-in receivers, with which people try webhooks without a server. */
export function inboxRoutes(api: App, { inboxes, eventStreams }: InboxServices): void {
  const on = () => {
    if (!inboxes) throw notFound('inbox: the operator has turned inboxes off, so that it is');
    return inboxes;
  };
  const shown = (all: Inboxes, inbox: Inbox) => inboxBody(inbox, all.urlOf(inbox));

  api.post(
    '/inboxes',
    {
      config: {
        errors: {
          limit_reached: 'The account has the maximum number of inboxes.',
          not_found: 'The operator has turned inboxes off.',
        },
      },
      schema: {
        operationId: 'createInbox',
        tags: ['Inboxes'],
        summary: 'Create an inbox: a URL that receives webhooks and shows them',
        description:
          'A webhook may use the URL of an inbox even if the service runs at an address that webhooks may not reach. An inbox is kept in memory for a day, or until a restart. An account has at most five.',
        response: { 201: dataBody({ inbox: InboxBody }) },
      },
    },
    async (request, reply) => {
      const inbox = on().create(accountOf(request).id);
      return reply.code(201).send(success({ inbox: shown(on(), inbox) }));
    },
  );

  api.get(
    '/inboxes',
    {
      config: { errors: { not_found: 'The operator has turned inboxes off.' } },
      schema: {
        operationId: 'listInboxes',
        tags: ['Inboxes'],
        summary: 'List inboxes, oldest first',
        response: { 200: dataBody({ inboxes: Type.Array(InboxBody) }) },
      },
    },
    async (request) => {
      const all = on();
      return success({ inboxes: all.list(accountOf(request).id).map((inbox) => shown(all, inbox)) });
    },
  );

  api.get(
    '/inboxes/:id',
    {
      config: { errors: { not_found } },
      schema: {
        operationId: 'getInbox',
        tags: ['Inboxes'],
        summary: 'One inbox, with the requests that have arrived, newest first',
        description: 'The hundred newest requests are kept, and of all together one MiB.',
        params: IdParams,
        response: { 200: dataBody({ inbox: InboxBody, requests: Type.Array(InboxRequestBody) }) },
      },
    },
    async (request) => {
      const all = on();
      const inbox = all.find(accountOf(request).id, request.params.id.toLowerCase());
      const requests = inbox.requests.toReversed().map(inboxRequestBody);
      return success({ inbox: shown(all, inbox), requests });
    },
  );

  api.put(
    '/inboxes/:id/behaviour',
    {
      config: { errors: { not_found } },
      schema: {
        operationId: 'setInboxBehaviour',
        tags: ['Inboxes'],
        summary: 'Set how an inbox answers',
        params: IdParams,
        body: BehaviourInput,
        response,
      },
    },
    async (request) => {
      const all = on();
      const { id } = request.params;
      const inbox = all.setBehaviour(accountOf(request).id, id.toLowerCase(), behaviourOf(request.body));
      return success({ inbox: shown(all, inbox) });
    },
  );

  api.delete(
    '/inboxes/:id',
    {
      config: { errors: { not_found } },
      schema: {
        operationId: 'deleteInbox',
        tags: ['Inboxes'],
        answerExample: message('the inbox was removed'),
        summary: 'Remove an inbox',
        description: 'Webhooks that send to it fail from then on.',
        params: IdParams,
        response: { 200: MessageBody },
      },
    },
    async (request) => {
      on().remove(accountOf(request).id, request.params.id.toLowerCase());
      return message('the inbox was removed');
    },
  );

  api.get(
    '/inboxes/:id/live',
    {
      config: {
        errors: { not_found, limit_reached: 'The inbox has the maximum number of streams.' },
        answers: { 200: { description: 'Server-sent events.', contentTypes: [EVENT_STREAM] } },
      },
      schema: {
        operationId: 'watchInbox',
        tags: ['Inboxes'],
        summary: 'Requests to an inbox as they arrive',
        description:
          'A stream of server-sent events. `open` comes first; each `request` has a request as `GET /api/inboxes/{id}` shows it; `alive` and `end` are those of the live list of deliveries. Send the last `id` as `after` to resume.',
        params: IdParams,
        querystring: Type.Object({
          after: Type.Optional(
            Type.String({
              pattern: DIGITS.source,
              maxLength: 15,
              description: 'Number of the last request that is known. Left out: begin with the present.',
            }),
          ),
          seconds: Seconds,
        }),
      },
    },
    (request, reply) => {
      const { after, seconds } = request.query;
      const { id: userId } = accountOf(request);
      return eventStreams.answer({
        request,
        reply,
        seconds,
        begin: (stream) => {
          const onRequest = (one: InboxRequest) =>
            stream.send('request', inboxRequestBody(one), String(one.number));
          const from = {
            id: request.params.id.toLowerCase(),
            after: after === undefined ? null : Number(after),
          };
          const { missed, stop } = on().listen(userId, from, onRequest);
          stream.send('open', { resumed: after !== undefined });
          for (const one of missed) onRequest(one);
          return stop;
        },
      });
    },
  );
}
