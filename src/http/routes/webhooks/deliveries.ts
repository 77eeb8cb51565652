import { type Static, Type } from 'typebox';
import { DELIVERY_STATES } from '../../../domain/delivery.ts';
import { EVENT_TYPES } from '../../../domain/event.ts';
import type { DeliveryListRequest } from '../../../storage/contracts/deliveries.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { DeliveryBody, DeliveryDetailBody, deliveryBody, deliveryDetailBody } from '../../wire/delivery.ts';
import { dataBody, IdParams, MessageBody, message, Nullable, success } from '../../wire/envelope.ts';
import { DIGITS } from '../../wire/validation-phrases.ts';

const Cursor = Type.Optional(
  Type.String({
    pattern: DIGITS.source,
    maxLength: 15,
    description: 'The `next_cursor` of the previous page. Left out: the first page, with the newest.',
  }),
);

/** Parameters of the query that say which deliveries are meant. */
export const DeliveryFilters = {
  state: Type.Optional(Type.Enum(DELIVERY_STATES, { description: 'Only deliveries in this state.' })),
  event: Type.Optional(Type.Enum(EVENT_TYPES, { description: 'Only deliveries of this event type.' })),
  media_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'Only deliveries of events of this media.' }),
  ),
};

const DeliveriesQuery = Type.Object({
  cursor: Cursor,
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      description: 'Maximum number of deliveries in the answer; 25 if left out.',
    }),
  ),
  ...DeliveryFilters,
});

const AllDeliveriesQuery = Type.Object({
  ...DeliveriesQuery.properties,
  webhook_id: Type.Optional(Type.String({ format: 'uuid', description: 'Only deliveries to this webhook.' })),
});

/** Returns the request of a list that a query describes. */
function listRequest(query: Static<typeof DeliveriesQuery>): DeliveryListRequest {
  const { cursor: before = null, limit = 25, state = null, event = null, media_id: mediaId = null } = query;
  return { before, limit, state, event, mediaId };
}

const PAGES =
  'To read all of them, send `next_cursor` as `cursor` until it is null. A page can have fewer deliveries than `limit`, or none, although others follow: a search for rare deliveries continues with the next page.';

const NextCursor = Nullable(
  Type.String({
    description: 'Send it as `cursor` to get the next page; null on the last page.',
    examples: ['48230'],
  }),
);

/** Registers the routes that list deliveries, show one delivery with its attempts, and send one again. */
export function deliveryRoutes(api: App, { deliveries }: Pick<Services, 'deliveries'>): void {
  api.get(
    '/webhooks/:id/deliveries',
    {
      config: { isList: true },
      schema: {
        operationId: 'listDeliveries',
        tags: ['Deliveries'],
        summary: "A webhook's deliveries, newest first",
        description: `Also lists the deliveries of a webhook that was removed. ${PAGES}`,
        params: IdParams,
        querystring: DeliveriesQuery,
        response: {
          200: dataBody({ deliveries: Type.Array(DeliveryBody), next_cursor: NextCursor }),
        },
      },
    },
    async (request) => {
      const { id: userId } = accountOf(request);
      const page = await deliveries.list(userId, request.params.id, listRequest(request.query));
      return success({ deliveries: page.items.map(deliveryBody), next_cursor: page.next });
    },
  );

  api.get(
    '/deliveries',
    {
      config: { isList: true, errors: { not_found: 'The account never had the webhook `webhook_id`.' } },
      schema: {
        operationId: 'listAllDeliveries',
        tags: ['Deliveries'],
        summary: 'The deliveries of all webhooks of the account, newest first',
        description: `Also lists the deliveries of webhooks that were removed. ${PAGES}`,
        querystring: AllDeliveriesQuery,
        response: {
          200: dataBody({ deliveries: Type.Array(DeliveryBody), next_cursor: NextCursor }),
        },
      },
    },
    async (request) => {
      const { id: userId } = accountOf(request);
      const webhookId = request.query.webhook_id?.toLowerCase() ?? null;
      const page = await deliveries.list(userId, webhookId, listRequest(request.query));
      return success({ deliveries: page.items.map(deliveryBody), next_cursor: page.next });
    },
  );

  api.get(
    '/deliveries/:id',
    {
      schema: {
        operationId: 'getDelivery',
        tags: ['Deliveries'],
        summary: 'One delivery, with the body that was sent and its attempts',
        description:
          'Shows the 200 newest attempts. A delivery that was often sent again can have more: send `next_cursor` as `cursor` to get those before them, until it is null.',
        params: IdParams,
        querystring: Type.Object({ cursor: Cursor }),
        response: { 200: dataBody({ delivery: DeliveryDetailBody, next_cursor: NextCursor }) },
      },
    },
    async (request) => {
      const { id: userId } = accountOf(request);
      const detail = await deliveries.find(userId, request.params.id, request.query.cursor);
      return success({ delivery: deliveryDetailBody(detail), next_cursor: detail.earlier });
    },
  );

  api.post(
    '/deliveries/:id/retry',
    {
      config: { errors: { conflict: 'The webhook of the delivery was removed.' } },
      schema: {
        operationId: 'retryDelivery',
        tags: ['Deliveries'],
        answerExample: message('the delivery will be sent again'),
        summary: 'Send a delivery again, with a whole new schedule of retries',
        description:
          'Works in every state of the delivery. The request has the same `webhook-id` as before. The delivery goes to the head of its lane: later events of the same media wait for it.',
        params: IdParams,
        response: { 202: MessageBody },
      },
    },
    async (request, reply) => {
      await deliveries.resend(accountOf(request).id, request.params.id, actorOf(request));
      return reply.code(202).send(message('the delivery will be sent again'));
    },
  );
}
