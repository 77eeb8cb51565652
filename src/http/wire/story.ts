import { type Static, Type } from 'typebox';
import { EVENT_TYPES } from '../../domain/event.ts';
import { MEDIA_STATUSES, QUALITY_STATUSES } from '../../domain/media.ts';
import type { Story, StoryEntry } from '../../webhooks/media-story.ts';
import { DELIVERY_EXAMPLE, DeliveryBody, deliveryBody } from './delivery.ts';
import { Count, Nullable, success, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

const STORY_KINDS = ['created', 'received', 'event', 'delivery', 'attempt'] as const;

const StoryAttemptBody = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  duration_ms: Count,
  status: Nullable(Type.Integer({ minimum: 100, maximum: 999 })),
  error: Nullable(Type.String()),
});

export const StoryEntryBody = Type.Object({
  at: Timestamp,
  kind: Type.Enum(STORY_KINDS, {
    description:
      '`created`: the media was created. `received`: its upload was completed. `event`: an event was emitted. `delivery`: a delivery of an event was created. `attempt`: a request was made for a delivery.',
  }),
  event_id: Nullable(Type.String({ format: 'uuid', description: 'Of `event`, `delivery` and `attempt`.' })),
  event: Nullable(Type.Enum(EVENT_TYPES, { description: 'Type of the event, if the entry has one.' })),
  qualities: Nullable(
    Type.String({ description: 'Of `event`: names of its qualities, joined with commas.' }),
  ),
  webhook_id: Nullable(Type.String({ format: 'uuid', description: 'Of `delivery` and `attempt`.' })),
  delivery_id: Nullable(Type.String({ format: 'uuid', description: 'Of `delivery` and `attempt`.' })),
  delivery: Nullable(DeliveryBody),
  attempt: Nullable(StoryAttemptBody),
});

export const storyFields = {
  media: Nullable(
    Type.Object(
      {
        id: Uuid,
        title: Type.String(),
        status: Type.Enum(MEDIA_STATUSES),
        error: Nullable(Type.String()),
        created_at: Timestamp,
        received_at: Nullable(Timestamp),
        qualities: Type.Array(
          Type.Object({ name: Type.String(), type: Type.String(), status: Type.Enum(QUALITY_STATUSES) }),
        ),
      },
      { description: 'null: a platform published the events of a media that it encoded itself.' },
    ),
  ),
  entries: Type.Array(StoryEntryBody),
  next_cursor: Nullable(
    Type.String({
      description: 'Send it as `cursor` to get the entries of earlier deliveries; null: this is all.',
    }),
  ),
};

const StoryData = Type.Object(storyFields);

const NOTHING = {
  event_id: null,
  event: null,
  qualities: null,
  webhook_id: null,
  delivery_id: null,
  delivery: null,
  attempt: null,
};
const OF_EVENT = { ...NOTHING, event_id: EXAMPLE_IDS.event, event: 'encoding.finished' };
const OF_DELIVERY = { ...OF_EVENT, webhook_id: EXAMPLE_IDS.webhook, delivery_id: EXAMPLE_IDS.delivery };

export const STORY_ANSWER_EXAMPLE = success({
  media: {
    id: EXAMPLE_IDS.media,
    title: 'A clip',
    status: 'done',
    error: null,
    created_at: EXAMPLE_TIMES.created,
    received_at: EXAMPLE_TIMES.created,
    qualities: [{ name: '720p', type: 'hls', status: 'done' }],
  },
  entries: [
    { at: EXAMPLE_TIMES.created, kind: 'created', ...NOTHING },
    { at: EXAMPLE_TIMES.created, kind: 'received', ...NOTHING },
    { at: EXAMPLE_TIMES.emitted, kind: 'event', ...OF_EVENT, qualities: '720p' },
    { at: EXAMPLE_TIMES.emitted, kind: 'delivery', ...OF_DELIVERY, delivery: DELIVERY_EXAMPLE },
    {
      at: EXAMPLE_TIMES.emitted,
      kind: 'attempt',
      ...OF_DELIVERY,
      attempt: { number: 1, duration_ms: 141, status: 200, error: null },
    },
  ],
  next_cursor: null,
});

export function storyBody({ media, entries, next }: Story): Static<typeof StoryData> {
  return {
    media: media && {
      id: media.id,
      title: media.title,
      status: media.status,
      error: media.error,
      created_at: timestamp(media.createdAt),
      received_at: timestampOrNull(media.receivedAt),
      qualities: media.qualities.map(({ resolution: name, type, status }) => ({ name, type, status })),
    },
    entries: entries.map((entry) => ({ at: timestamp(entry.at), kind: entry.kind, ...entryBody(entry) })),
    next_cursor: next,
  };
}

function entryBody(entry: StoryEntry): Omit<Static<typeof StoryEntryBody>, 'at' | 'kind'> {
  switch (entry.kind) {
    case 'event':
      return { ...NOTHING, event_id: entry.eventId, event: entry.event, qualities: entry.qualities };
    case 'delivery':
      return { ...ofDelivery(entry.delivery), delivery: deliveryBody(entry.delivery) };
    case 'attempt': {
      const { number, durationMs: duration_ms, status, error } = entry.attempt;
      return { ...ofDelivery(entry.delivery), attempt: { number, duration_ms, status, error } };
    }
    default:
      return NOTHING;
  }
}

function ofDelivery({
  id,
  webhookId,
  eventId,
  eventType,
}: Parameters<typeof deliveryBody>[0] | StoryDeliveryOf) {
  return { ...NOTHING, event_id: eventId, event: eventType, webhook_id: webhookId, delivery_id: id };
}

type StoryDeliveryOf = Extract<StoryEntry, { kind: 'attempt' }>['delivery'];
