import { Type } from 'typebox';
import type { App } from '../app.ts';
import type { Services } from '../services.ts';
import { dataBody, success } from '../wire/envelope.ts';
import { EventsInput, MAX_EVENTS_BYTES } from '../wire/event.ts';

/**
 * Registers the route that publishes events. Platforms that have an encoder of their own use this route. Ordinary
 * requests never reach it: see `publishDirectly`.
 */
export function eventRoutes(api: App, { eventIntake }: Pick<Services, 'eventIntake'>): void {
  api.post(
    '/events',
    {
      config: {
        access: 'operator',
        errors: {
          overloaded:
            'More events arrive than can be stored, or too many large requests are in progress. No event of the request was accepted.',
        },
      },
      bodyLimit: MAX_EVENTS_BYTES,
      schema: {
        operationId: 'publishEvents',
        tags: ['Events'],
        answerExample: success({ accepted: 1 }),
        summary: 'Publish one event or up to 1,000; if one is wrong, none is accepted',
        description:
          "For platforms with an encoder of their own. `event_id` is the sender's own, and unique within the account: a repeat is accepted, and delivered once. The answer comes when all events are on the disk. If they have more than 2,000 deliveries together, the service stores them in parts, in order: after an error of the service (5xx), or without an answer, the first events may be accepted. Repeat the request then.",
        body: EventsInput,
        response: { 202: dataBody({ accepted: Type.Integer({ minimum: 1 }) }) },
      },
    },
    async (request, reply) => {
      const { body, begun } = request;
      if (begun?.failure) throw begun.failure;
      if (Array.isArray(body)) await eventIntake.accept(body);
      else await eventIntake.accept([body], (_, name) => name);
      return reply.code(202).send(success({ accepted: Array.isArray(body) ? body.length : 1 }));
    },
  );
}
