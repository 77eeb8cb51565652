import { type Static, Type } from 'typebox';
import type { Attempt, Delivery } from '../../domain/delivery.ts';
import type { DeliveryDetail } from '../../storage/delivery-stores.ts';
import { Nullable, Timestamp, timestamp, timestampOrNull } from './envelope.ts';

export const DeliveryBody = Type.Object({
  id: Type.String(),
  webhook_id: Type.String(),
  event_id: Type.String({ description: 'Sent as the header webhook-id, the same in every attempt.' }),
  event: Type.String(),
  media_id: Type.String(),
  state: Type.String({ description: 'pending, succeeded, failed or cancelled' }),
  attempt_count: Type.Integer(),
  next_attempt_at: Nullable(Timestamp),
  created_at: Timestamp,
  ended_at: Nullable(Timestamp),
});

const AttemptBody = Type.Object({
  number: Type.Integer(),
  at: Timestamp,
  duration_ms: Type.Integer(),
  status: Nullable(Type.Integer()),
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
