import { Type } from 'typebox';
import { DELIVERY_STATES } from '../../../domain/delivery.ts';
import { notFound, ServiceError } from '../../../domain/errors.ts';
import { EVENT_TYPES } from '../../../domain/event.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { DeliveryBody, DeliveryDetailBody, deliveryBody, deliveryDetailBody } from '../../wire/delivery.ts';
import { dataBody, IdParams, MessageBody, message, Nullable, success } from '../../wire/envelope.ts';
import { DIGITS } from '../../wire/validation-phrases.ts';

const DeliveriesQuery = Type.Object({
  cursor: Type.Optional(
    Type.String({
      pattern: DIGITS.source,
      maxLength: 15,
      description: 'next_cursor of the page before; newest first.',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'How many to list; 25 where it is left out.' }),
  ),
  state: Type.Optional(Type.Enum(DELIVERY_STATES, { description: 'Only those in this state.' })),
  event: Type.Optional(Type.Enum(EVENT_TYPES, { description: 'Only those of this event.' })),
});

const NextCursor = Nullable(
  Type.String({ description: 'Leads to the next page; null on the last.', examples: ['48230'] }),
);

export function deliveryRoutes(api: App, { storage, dispatcher, now }: Services): void {
  api.get(
    '/webhooks/:id/deliveries',
    {
      schema: {
        operationId: 'listDeliveries',
        tags: ['Deliveries'],
        summary: "A webhook's deliveries, newest first; those of a removed webhook, too",
        description: 'Go on with `next_cursor` as `cursor`, until it is null.',
        params: IdParams,
        querystring: DeliveriesQuery,
        response: {
          200: dataBody({ deliveries: Type.Array(DeliveryBody), next_cursor: NextCursor }),
        },
      },
    },
    async (request) => {
      const userId = accountOf(request).id;
      const { cursor, limit = 25, state = null, event = null } = request.query;
      if (!(await storage.webhooks.existedEver(userId, request.params.id))) throw notFound('webhook');
      const before = cursor === undefined ? null : Number(cursor);
      const page = await storage.deliveries.list(userId, request.params.id, { before, limit, state, event });
      const next = page.next === null ? null : String(page.next);
      return success({ deliveries: page.items.map(deliveryBody), next_cursor: next });
    },
  );

  api.get(
    '/deliveries/:id',
    {
      schema: {
        operationId: 'getDelivery',
        tags: ['Deliveries'],
        summary: 'One delivery, with what was sent and every attempt',
        params: IdParams,
        response: { 200: dataBody({ delivery: DeliveryDetailBody }) },
      },
    },
    async (request) => {
      const detail = await storage.deliveries.find(accountOf(request).id, request.params.id);
      if (!detail) throw notFound('delivery');
      return success({ delivery: deliveryDetailBody(detail) });
    },
  );

  api.post(
    '/deliveries/:id/retry',
    {
      config: { errors: { conflict: 'Its webhook was removed.' } },
      schema: {
        operationId: 'retryDelivery',
        tags: ['Deliveries'],
        answerExample: message('the delivery will be sent again'),
        summary: 'Send a delivery again, with a whole new schedule of retries',
        description:
          'Whatever its state. It bears the same `webhook-id`, and takes its place at the head of its lane.',
        params: IdParams,
        response: { 202: MessageBody },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const outcome = await storage.deliveries.resend(accountOf(request).id, id, {
        at: now(),
        by: actorOf(request),
      });
      if (outcome === null) throw notFound('delivery');
      if (outcome === 'gone') throw new ServiceError('conflict', 'the webhook of this delivery was removed');
      dispatcher.claimSoon();
      return reply.code(202).send(message('the delivery will be sent again'));
    },
  );
}
