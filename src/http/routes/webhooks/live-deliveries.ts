import { Type } from 'typebox';
import type { FeedEntry } from '../../../webhooks/live/account-feed.ts';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { EVENT_STREAM, type EventStream, Seconds } from '../../streams/event-streams.ts';
import { deliveryBody } from '../../wire/delivery.ts';
import { DeliveryFilters } from './deliveries.ts';

const LiveQuery = Type.Object({
  after: Type.Optional(
    Type.String({
      pattern: '^[\\w-]{1,20}\\.\\d{1,15}$',
      description: 'The last `id` that was received. Left out: begin with the present.',
    }),
  ),
  seconds: Seconds,
  ...DeliveryFilters,
  webhook_id: Type.Optional(Type.String({ format: 'uuid', description: 'Only deliveries to this webhook.' })),
});

const DESCRIPTION = `A stream of server-sent events, for lists that show deliveries as they change.

- \`open\` comes first. Its data has \`resumed\`: whether all changes after \`after\` follow. If it is false, read the list again.
- \`delivery\` has a delivery as \`GET /api/deliveries\` shows it, when it becomes ready and when an attempt of it was recorded. Changes within 200 ms are sent once. A delivery that waits in its lane, or for a paused webhook, comes when its turn does.
- \`gap\` has the number of changes (\`skipped\`) that are left out because there are more than 500 a second: read the list again.
- \`alive\` says that nothing has happened. \`end\` has the \`reason\` for which the service closes the stream: \`time\`, \`signed_out\`, \`stopping\` or \`slow\`.

Events have an \`id\`. Send the last one as \`after\` to resume: the last thousand changes are kept until a minute after the last listener of the account has left. An account has at most 20 streams.`;

/** Registers the live list of deliveries. */
export function liveDeliveryRoutes(
  api: App,
  { liveDeliveries, eventStreams }: Pick<Services, 'liveDeliveries' | 'eventStreams'>,
): void {
  api.get(
    '/webhooks/deliveries/live',
    {
      config: {
        errors: {
          not_found: 'The account never had the webhook `webhook_id`.',
          limit_reached: 'The account has the maximum number of streams.',
          overloaded: 'Too many streams are open.',
        },
        answers: { 200: { description: 'Server-sent events.', contentTypes: [EVENT_STREAM] } },
      },
      schema: {
        operationId: 'watchDeliveries',
        tags: ['Deliveries'],
        summary: 'Deliveries as they change',
        description: DESCRIPTION,
        querystring: LiveQuery,
      },
    },
    (request, reply) => {
      const { after = null, seconds, webhook_id, state = null, event = null, media_id } = request.query;
      const filter = {
        ...{ webhookId: webhook_id?.toLowerCase() ?? null, mediaId: media_id ?? null },
        ...{ state, event },
      };
      const { id } = accountOf(request);
      return eventStreams.answer({
        request,
        reply,
        seconds,
        begin: async (stream) => {
          const onEntry = (entry: FeedEntry) => sendEntry(stream, entry);
          const { cursor, missed, stop } = await liveDeliveries.listen(id, { filter, after }, onEntry);
          stream.send('open', { resumed: missed !== null }, missed === null ? cursor : undefined);
          for (const entry of missed ?? []) onEntry(entry);
          return stop;
        },
      });
    },
  );
}

function sendEntry(stream: EventStream, entry: FeedEntry): void {
  if ('skipped' in entry) stream.send('gap', { skipped: entry.skipped }, entry.cursor);
  else stream.send('delivery', deliveryBody(entry.delivery), entry.cursor);
}
