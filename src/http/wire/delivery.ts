import { type Static, Type } from 'typebox';
import { type Attempt, DELIVERY_STATES, type Delivery } from '../../domain/delivery.ts';
import { EVENT_TYPES } from '../../domain/event.ts';
import type { DeliveryDetail } from '../../storage/contracts/deliveries.ts';
import { Count, Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';
import { EVENT_EXAMPLES } from './event.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

const DELIVERY_EXAMPLE = {
  id: EXAMPLE_IDS.delivery,
  webhook_id: EXAMPLE_IDS.webhook,
  event_id: EXAMPLE_IDS.event,
  event: 'encoding.finished',
  media_id: EXAMPLE_IDS.media,
  state: 'succeeded',
  attempt_count: 1,
  next_attempt_at: null,
  created_at: EXAMPLE_TIMES.emitted,
  ended_at: EXAMPLE_TIMES.delivered,
};

const ATTEMPT_EXAMPLE = {
  number: 1,
  at: EXAMPLE_TIMES.emitted,
  duration_ms: 141,
  status: 200,
  response: 'ok',
  error: null,
};

const deliveryFields = {
  id: Uuid,
  webhook_id: Uuid,
  event_id: Type.String({
    format: 'uuid',
    description: 'Sent in the header webhook-id. It is the same in every attempt.',
  }),
  event: Type.Enum(EVENT_TYPES, { description: 'Type of the event.' }),
  media_id: Type.String({ minLength: 1 }),
  state: Type.Enum(DELIVERY_STATES),
  attempt_count: Type.Integer({ minimum: 0, description: 'Number of attempts so far.' }),
  next_attempt_at: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time of the next attempt; null: the delivery has ended.',
    }),
  ),
  created_at: Timestamp,
  ended_at: Nullable(Timestamp),
};

export const DeliveryBody = Type.Object(deliveryFields, { examples: [DELIVERY_EXAMPLE] });

const AttemptBody = Type.Object({
  number: Type.Integer({ minimum: 1, description: 'Number of the attempt, from 1.' }),
  at: Timestamp,
  duration_ms: Count,
  status: Nullable(
    Type.Integer({
      minimum: 100,
      maximum: 999,
      description: 'HTTP status that the receiver answered; null: no answer.',
    }),
  ),
  response: Nullable(Type.String({ description: "First 1 KiB of the answer's body." })),
  error: Nullable(Type.String({ description: 'Reason of the failure; null: the attempt succeeded.' })),
});

export const DeliveryDetailBody = Type.Object(
  {
    ...deliveryFields,
    body: Type.String({ description: 'Exact body of the requests.' }),
    attempts: Type.Array(AttemptBody),
  },
  {
    examples: [
      {
        ...DELIVERY_EXAMPLE,
        body: JSON.stringify(EVENT_EXAMPLES['encoding.finished']),
        attempts: [ATTEMPT_EXAMPLE],
      },
    ],
  },
);

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
