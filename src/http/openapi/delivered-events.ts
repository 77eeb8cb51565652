import { signatureHeaders } from '../../delivery/attempt/signature.ts';
import { EVENT_TYPES, type EventType } from '../../domain/event.ts';
import { EVENT_EXAMPLES, EventBody } from '../wire/event.ts';
import { EXAMPLE_IDS, EXAMPLE_SECRET, EXAMPLE_TIMES } from '../wire/example-values.ts';
import type { Operation, Parameter, PathItem, Schema } from './description.ts';

/** Describes the requests that webhooks receive. OpenAPI lists these requests under `webhooks`. */

const SUMMARIES = {
  'file.received': 'An upload was completed, and the file is whole',
  'encoding.started': 'Encoding of a media has started',
  'partial.finished': 'One quality of a media has been encoded',
  'encoding.finished': 'All qualities of a media have been encoded',
  'encoding.failed': 'Encoding failed for at least one quality; no further event follows',
} as const satisfies Record<EventType, string>;

const HEADERS = {
  'webhook-id': 'Id of the event. It is the same in every attempt, so that a receiver can recognize repeats.',
  'webhook-timestamp': 'Time of this attempt, in seconds since the epoch.',
  'webhook-signature':
    'One or more signatures, separated by spaces: `v1` is HMAC-SHA256 with the secret, `v1a` is Ed25519. One valid signature is sufficient.',
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
    summary: SUMMARIES[type],
    security: [],
    parameters: headersOf(JSON.stringify(example)),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: schema as unknown as Schema, example } },
    },
    responses: {
      '2XX': { description: 'The event is acknowledged and is not sent again.' },
      410: { description: 'The webhook is paused; its deliveries wait until it is resumed.' },
      default: {
        description:
          'The event is sent again according to the retry schedule of the webhook. Redirects are not followed.',
      },
    },
  };
}

/**
 * Returns the headers of an example request. Their signature is valid for the body and secret of the example.
 */
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
