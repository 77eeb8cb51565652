import { type Static, Type } from 'typebox';
import { CIRCUIT_STATES, type CircuitView } from '../../delivery/circuit.ts';
import { EVENT_TYPES, type EventType } from '../../domain/event.ts';
import type { Webhook } from '../../domain/webhook.ts';
import { GivenName, Nullable, Timestamp, timestamp, timestampOrNull } from './envelope.ts';

/** The boolean of a webhook that says whether it wants an event. */
export const EVENT_FIELD = {
  'file.received': 'file_received',
  'encoding.started': 'encoding_started',
  'partial.finished': 'partial_finished',
  'encoding.finished': 'encoding_finished',
  'encoding.failed': 'encoding_failed',
} as const satisfies Record<EventType, string>;

const eventFlags = {
  file_received: Type.Optional(Type.Boolean()),
  encoding_started: Type.Optional(Type.Boolean()),
  partial_finished: Type.Optional(Type.Boolean()),
  encoding_finished: Type.Optional(Type.Boolean()),
  encoding_failed: Type.Optional(Type.Boolean()),
};

export const EventFlags = Type.Object(eventFlags);
export type EventFlagsInput = Static<typeof EventFlags>;

const name = Type.String({ maxLength: 255 });
const url = Type.String({ minLength: 1, maxLength: 2048, description: 'http or https' });

export const WebhookInput = Type.Object(
  { url, name: Type.Optional(name), ...eventFlags },
  {
    description: 'At least one of the five events is true.',
    examples: [
      { url: 'https://example.com/hooks', name: 'my server', file_received: true, encoding_finished: true },
    ],
  },
);

export const WebhookChangesInput = Type.Object({
  url: Type.Optional(url),
  name: Type.Optional(GivenName),
  ...eventFlags,
});

export const WebhookBody = Type.Object({
  id: Type.String(),
  user_id: Type.String(),
  name: Type.String(),
  url: Type.String(),
  file_received: Type.Boolean(),
  encoding_started: Type.Boolean(),
  partial_finished: Type.Boolean(),
  encoding_finished: Type.Boolean(),
  encoding_failed: Type.Boolean(),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_triggered_at: Nullable(Timestamp),
  circuit: Type.Enum(CIRCUIT_STATES, {
    description:
      'Whether all that is due is sent (closed), nothing (open), or one delivery as a probe (half_open).',
  }),
  circuit_since: Nullable(Timestamp),
  circuit_probe_at: Nullable(Timestamp),
});

export const NewWebhookBody = Type.Object({
  ...WebhookBody.properties,
  secret: Type.String({ description: 'Signs what is sent; see docs/receiving.md.' }),
});

export function webhookBody(webhook: Webhook, circuit: CircuitView): Static<typeof WebhookBody> {
  const wants = (type: EventType) => webhook.events.includes(type);
  return {
    id: webhook.id,
    user_id: webhook.userId,
    name: webhook.name,
    url: webhook.url,
    file_received: wants('file.received'),
    encoding_started: wants('encoding.started'),
    partial_finished: wants('partial.finished'),
    encoding_finished: wants('encoding.finished'),
    encoding_failed: wants('encoding.failed'),
    created_at: timestamp(webhook.createdAt),
    updated_at: timestamp(webhook.updatedAt),
    last_triggered_at: timestampOrNull(webhook.lastTriggeredAt),
    circuit: circuit.state,
    circuit_since: timestampOrNull(circuit.since),
    circuit_probe_at: timestampOrNull(circuit.probeAt),
  };
}

/** The events that `flags` leave on, `before` being those that were. */
export function eventsOf(flags: EventFlagsInput, before: readonly EventType[]): EventType[] {
  return EVENT_TYPES.filter((type) => flags[EVENT_FIELD[type]] ?? before.includes(type));
}
