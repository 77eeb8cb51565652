import { Type } from 'typebox';
import {
  EVENT_TYPES,
  type EventType,
  eventBody,
  MEDIA_TYPES_OF_EVENTS,
  STATUS_OF_EVENT,
} from '../../domain/event.ts';
import { success } from './envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

/** Maximum bytes of a request that publishes events: enough for a thousand events of 4 KiB each. */
export const MAX_EVENTS_BYTES = 4 * 1024 * 1024;
/** Maximum number of events in one request. */
export const MAX_EVENTS = 1_000;
/** Maximum number of characters of the id of an event, and of a media. */
export const MAX_ID_CHARACTERS = 255;
export const MAX_QUALITIES_CHARACTERS = 1_000;
export const MAX_TITLE_CHARACTERS = 255;

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
    maxLength: MAX_ID_CHARACTERS,
    description: "Publisher's id of the event. A repeated event is accepted, but delivered only once.",
  }),
  emitted_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'Time of the event; default now.' }),
  ),
  media_id: Type.String({
    minLength: 1,
    maxLength: MAX_ID_CHARACTERS,
    description: "Publisher's id of the media.",
  }),
  media_type: Type.Optional(Type.Enum(MEDIA_TYPES_OF_EVENTS, { description: 'Default video.' })),
  qualities: Type.Optional(
    Type.String({
      maxLength: MAX_QUALITIES_CHARACTERS,
      description: 'Names of qualities, separated by commas, such as 360p,720p.',
    }),
  ),
  title: Type.Optional(Type.String({ maxLength: MAX_TITLE_CHARACTERS })),
  status: Type.Optional(
    Type.String({
      description: `Derived from the type: ${[...new Set(Object.values(STATUS_OF_EVENT))].join(', ')}.`,
    }),
  ),
  user_id: Type.String({ format: 'uuid', description: 'Account whose webhooks receive the event.' }),
});

/** Names of the fields that an event of a request can have. */
export const EVENT_FIELDS: ReadonlySet<string> = new Set(Object.keys(EventInput.properties));

/** Body of a delivered event. The body has exactly these fields, in this order. */
export const EventBody = Type.Object({
  type: Type.Enum(EVENT_TYPES),
  emitted_at: Type.String({
    format: 'date-time',
    description: 'Time of the event. It is the same in every repeat.',
  }),
  media_id: Type.String(),
  media_type: Type.Enum(MEDIA_TYPES_OF_EVENTS),
  qualities: Type.String({
    description:
      'Names of qualities, separated by commas: for `partial.finished` the finished quality, otherwise all. The lowest quality is first, unless a publisher listed them in another order.',
  }),
  title: Type.String(),
  status: Type.Enum([...new Set(Object.values(STATUS_OF_EVENT))], {
    description: 'Status of the media at that time.',
  }),
  user_id: Type.String({ description: 'Account that owns the media.' }),
});

/** One example body for each event type, created by the same function as the bodies that are delivered. */
export const EVENT_EXAMPLES = Object.fromEntries(
  EVENT_TYPES.map((type) => [
    type,
    JSON.parse(
      eventBody({
        type,
        emittedAt: Date.parse(EXAMPLE_TIMES.emitted),
        mediaId: EXAMPLE_IDS.media,
        mediaType: 'video',
        qualities: type === 'partial.finished' ? '720p' : '360p,720p',
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

/** Returns the JSON text of the answer to a request whose events were accepted. */
export function acceptedText(count: number): string {
  return count === 1 ? ONE_ACCEPTED : JSON.stringify(success({ accepted: count }));
}

const ONE_ACCEPTED = JSON.stringify(success({ accepted: 1 }));
