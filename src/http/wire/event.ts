import { type Static, Type } from 'typebox';
import { EVENT_TYPES, MEDIA_TYPES_OF_EVENTS, STATUS_OF_EVENT } from '../../domain/event.ts';

/** Events that one request may publish. */
const MAX_EVENTS = 1_000;

const EventInput = Type.Object(
  {
    type: Type.Enum(EVENT_TYPES),
    event_id: Type.String({
      minLength: 1,
      maxLength: 255,
      description: "The sender's own id of this event: a repeat is accepted, and delivered once.",
    }),
    emitted_at: Type.Optional(
      Type.String({ format: 'date-time', description: 'Now, where it is left out.' }),
    ),
    media_id: Type.String({ minLength: 1, maxLength: 255 }),
    media_type: Type.Optional(Type.Enum(MEDIA_TYPES_OF_EVENTS)),
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
  },
  {
    examples: [
      {
        type: 'encoding.finished',
        event_id: 'job-4711-done',
        media_id: '0190c2a4-9c4e-7b6e-8f00-2f6f3e1f9b11',
        media_type: 'video',
        qualities: '360p,720p',
        title: 'Holiday',
        user_id: '0190c2a4-9c4e-7b6e-8f00-2f6f3e1f9b12',
      },
    ],
  },
);

export type EventInputBody = Static<typeof EventInput>;

/** The names in a `qualities` field, without the blanks around them; one that is empty is a mistake of the sender's. */
export function qualityNamesIn(qualities = ''): string[] {
  return qualities.trim() === '' ? [] : qualities.split(',').map((name) => name.trim());
}

export const EventsInput = Type.Union([
  EventInput,
  Type.Array(EventInput, { minItems: 1, maxItems: MAX_EVENTS }),
]);
