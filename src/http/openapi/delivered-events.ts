import { signatureHeaders } from '../../delivery/attempt/signature.ts';
import { EVENT_TYPES, type EventType } from '../../domain/event.ts';
import { EVENT_EXAMPLES, EventBody } from '../wire/event.ts';
import { EXAMPLE_IDS, EXAMPLE_SECRET, EXAMPLE_TIMES } from '../wire/example-values.ts';
import type { Operation, Parameter, PathItem, Schema } from './description.ts';

/** The requests that webhooks receive, as OpenAPI describes them: under `webhooks`. */

const WHEN = {
  'file.received': 'An upload was completed, and found whole',
  'encoding.started': 'The first encode of a media starts',
  'partial.finished': 'One quality of a media is done',
  'encoding.finished': 'All qualities of a media are done',
  'encoding.failed': 'The file could not be encoded, or not all of it; nothing follows',
} as const satisfies Record<EventType, string>;

const HEADERS = {
  'webhook-id': 'Of the event: the same for every repeat, by which a receiver knows one.',
  'webhook-timestamp': 'When this attempt was made, in seconds since the epoch.',
  'webhook-signature':
    'One or more signatures, apart by spaces: `v1` is HMAC-SHA256 under the secret, `v1a` Ed25519. One that is good is enough.',
} as const;

export function deliveredEvents(): Record<EventType, PathItem> {
  const items = EVENT_TYPES.map((type) => [type, { post: deliveryOf(type) }]);
  return Object.fromEntries(items) as Record<EventType, PathItem>;
}

function deliveryOf(type: EventType): Operation {
  const example = EVENT_EXAMPLES[type];
  const schema = { ...EventBody, properties: { ...EventBody.properties, type: { const: type } } };
  return {
    operationId: `receive ${type}`.replace(/\W(\w)/g, (_all, letter: string) => letter.toUpperCase()),
    tags: ['Delivered events'],
    summary: WHEN[type],
    security: [],
    parameters: headersOf(JSON.stringify(example)),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: schema as unknown as Schema, example } },
    },
    responses: {
      '2XX': { description: 'Acknowledged: it is not sent again.' },
      410: { description: 'The webhook is paused, and its deliveries wait.' },
      default: {
        description: 'Tried again, as the schedule of the webhook says; a redirect is not followed.',
      },
    },
  };
}

/** Headers of an example: they verify its body under the example's secret. */
function headersOf(body: string): Parameter[] {
  const message = { id: EXAMPLE_IDS.event, at: Date.parse(EXAMPLE_TIMES.emitted), body };
  const values = signatureHeaders({ secret: EXAMPLE_SECRET }, message);
  return Object.entries(HEADERS).map(([name, description]) => ({
    name,
    in: 'header' as const,
    required: true,
    description,
    schema: { type: 'string' },
    example: values[name],
  }));
}
