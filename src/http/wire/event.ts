import { Type } from 'typebox';
import {
  EVENT_TYPES,
  type EventType,
  eventBody,
  MEDIA_TYPES_OF_EVENTS,
  STATUS_OF_EVENT,
} from '../../domain/event.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

/** Events that one request may publish. */
const MAX_EVENTS = 1_000;

const INPUT_EXAMPLE = {
  type: 'encoding.finished',
  event_id: 'job-4711-done',
  media_id: '4711',
  media_type: 'video',
  qualities: '360p,720p',
  title: 'Holiday',
  user_id: EXAMPLE_IDS.account,
};

const EventInput = Type.Object({
  type: Type.Enum(EVENT_TYPES),
  event_id: Type.String({
    minLength: 1,
    maxLength: 255,
    description: "The sender's own id of this event: a repeat is accepted, and delivered once.",
  }),
  emitted_at: Type.Optional(Type.String({ format: 'date-time', description: 'Now, where it is left out.' })),
  media_id: Type.String({ minLength: 1, maxLength: 255, description: "The sender's own id of the media." }),
  media_type: Type.Optional(Type.Enum(MEDIA_TYPES_OF_EVENTS, { description: 'video where it is left out.' })),
  qualities: Type.Optional(
    Type.String({ maxLength: 1000, description: 'Names, comma-joined, such as 360p,720p.' }),
  ),
  title: Type.Optional(Type.String({ maxLength: 255 })),
  status: Type.Optional(
    Type.String({
      description: `Follows from the type: ${[...new Set(Object.values(STATUS_OF_EVENT))].join(', ')}.`,
    }),
  ),
  user_id: Type.String({ format: 'uuid', description: 'The account whose webhooks are told.' }),
});

/** What is delivered: exactly these fields, in this order. */
export const EventBody = Type.Object({
  type: Type.Enum(EVENT_TYPES),
  emitted_at: Type.String({
    format: 'date-time',
    description: 'When it happened; the same for every repeat.',
  }),
  media_id: Type.String(),
  media_type: Type.Enum(MEDIA_TYPES_OF_EVENTS),
  qualities: Type.String({
    description:
      'Names, comma-joined: the one that is done with `partial.finished`, else all. The smallest first, or as the publisher listed them.',
  }),
  title: Type.String(),
  status: Type.Enum([...new Set(Object.values(STATUS_OF_EVENT))], {
    description: 'The state of the media at that moment.',
  }),
  user_id: Type.String({ description: 'The account that the media belongs to.' }),
});

/** The bodies that are delivered, one of each type: as the service itself writes them. */
export const EVENT_EXAMPLES = Object.fromEntries(
  EVENT_TYPES.map((type) => [
    type,
    JSON.parse(
      eventBody({
        type,
        emittedAt: Date.parse(EXAMPLE_TIMES.emitted),
        mediaId: EXAMPLE_IDS.media,
        mediaType: 'video',
        qualities: type === 'partial.finished' ? ['720p'] : ['360p', '720p'],
        title: 'Holiday',
        userId: EXAMPLE_IDS.account,
      }),
    ),
  ]),
) as Record<EventType, Readonly<Record<string, string>>>;

export const EventsInput = Type.Union(
  [EventInput, Type.Array(EventInput, { minItems: 1, maxItems: MAX_EVENTS })],
  {
    examples: [
      INPUT_EXAMPLE,
      [{ ...INPUT_EXAMPLE, type: 'encoding.started', event_id: 'job-4711-started' }, INPUT_EXAMPLE],
    ],
  },
);
