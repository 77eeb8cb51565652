import { type Static, Type } from 'typebox';
import { type Attempt, DELIVERY_STATES, type Delivery } from '../../domain/delivery.ts';
import { EVENT_TYPES } from '../../domain/event.ts';
import type { DeliveryDetail } from '../../storage/delivery-stores.ts';
import { Count, Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';

export const DeliveryBody = Type.Object({
  id: Uuid,
  webhook_id: Uuid,
  event_id: Type.String({
    format: 'uuid',
    description: 'Sent as the header webhook-id, the same in every attempt.',
  }),
  event: Type.Enum(EVENT_TYPES),
  media_id: Type.String({ minLength: 1 }),
  state: Type.Enum(DELIVERY_STATES),
  attempt_count: Count,
  next_attempt_at: Nullable(Timestamp),
  created_at: Timestamp,
  ended_at: Nullable(Timestamp),
});

const AttemptBody = Type.Object({
  number: Type.Integer({ minimum: 1 }),
  at: Timestamp,
  duration_ms: Count,
  status: Nullable(Type.Integer({ minimum: 100, maximum: 999 })),
  response: Nullable(Type.String({ description: "The first 1 KiB of the answer's body." })),
  error: Nullable(Type.String()),
});

export const DeliveryDetailBody = Type.Object({
  ...DeliveryBody.properties,
  body: Type.String({ description: 'What is sent, byte for byte.' }),
  attempts: Type.Array(AttemptBody),
});

export function deliveryBody(delivery: Delivery): Static<typeof DeliveryBody> {
  return {
    id: delivery.id,
    webhook_id: delivery.webhookId,
    event_id: delivery.eventId,
    event: delivery.eventType,
    media_id: delivery.mediaId,
    state: delivery.state,
    attempt_count: delivery.attempts,
    next_attempt_at: timestampOrNull(delivery.nextAttemptAt),
    created_at: timestamp(delivery.createdAt),
    ended_at: timestampOrNull(delivery.endedAt),
  };
}

export function deliveryDetailBody(detail: DeliveryDetail): Static<typeof DeliveryDetailBody> {
  const attempts = detail.attempts.map(attemptBody);
  return { ...deliveryBody(detail.delivery), body: detail.body, attempts };
}

function attemptBody(attempt: Attempt): Static<typeof AttemptBody> {
  return {
    number: attempt.number,
    at: timestamp(attempt.at),
    duration_ms: attempt.durationMs,
    status: attempt.status,
    response: attempt.response,
    error: attempt.error,
  };
}
