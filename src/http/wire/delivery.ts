import { type Static, Type } from 'typebox';
import { DELIVERY_STATES, PENDING_REASONS } from '../../domain/delivery.ts';
import { EVENT_TYPES } from '../../domain/event.ts';
import type { ShownAttempt, ShownDeliveryDetail } from '../../webhooks/deliveries.ts';
import { MASK } from '../../webhooks/headers.ts';
import type { ShownDelivery } from '../../webhooks/shown-delivery.ts';
import { Count, Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';
import { EVENT_EXAMPLES } from './event.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

/** A delivery that has succeeded at its first attempt. */
export const DELIVERY_EXAMPLE = {
  id: EXAMPLE_IDS.delivery,
  webhook_id: EXAMPLE_IDS.webhook,
  event_id: EXAMPLE_IDS.event,
  event: 'encoding.finished',
  media_id: EXAMPLE_IDS.media,
  state: 'succeeded',
  attempt_count: 1,
  next_attempt_at: null,
  pending_reason: null,
  waits_for: null,
  waits_until: null,
  last_attempt_at: EXAMPLE_TIMES.emitted,
  last_status: 200,
  last_error: null,
  created_at: EXAMPLE_TIMES.emitted,
  ended_at: EXAMPLE_TIMES.delivered,
};

const HttpStatus = Nullable(
  Type.Integer({
    minimum: 100,
    maximum: 999,
    description: 'HTTP status that the receiver answered; null: no answer.',
  }),
);
const Failure = Nullable(Type.String({ description: 'Reason of the failure; null: the attempt succeeded.' }));

/** Schema of the headers of a request that was made to a receiver. */
export const SentHeaders = Type.Record(Type.String(), Type.String(), {
  description: "Headers of the request. Signatures and the values of the webhook's own headers are masked.",
});

/** Headers of a request that was made to a receiver, for examples. */
export const SENT_HEADERS_EXAMPLE = {
  host: 'example.com',
  connection: 'keep-alive',
  Authorization: MASK,
  'content-type': 'application/json',
  'user-agent': 'Mediahooks (webhooks)',
  'webhook-id': EXAMPLE_IDS.event,
  'webhook-timestamp': String(Math.floor(Date.parse(EXAMPLE_TIMES.emitted) / 1000)),
  'webhook-signature': `v1,${MASK} v1a,${MASK}`,
  'content-length': String(Buffer.byteLength(JSON.stringify(EVENT_EXAMPLES['encoding.finished']))),
};

const ATTEMPT_EXAMPLE = {
  number: 1,
  at: EXAMPLE_TIMES.emitted,
  duration_ms: 141,
  status: 200,
  response: 'ok',
  error: null,
  url: 'https://example.com/hooks',
  headers: SENT_HEADERS_EXAMPLE,
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
      description:
        'Time of the next attempt; null: the delivery has ended, or another delivery of its lane must end first.',
    }),
  ),
  pending_reason: Nullable(
    Type.Enum(PENDING_REASONS, {
      description:
        'Why the delivery is pending; null: it has ended. `sending`: its request is in flight; `paused`: the webhook is paused, until it is resumed; `circuit`: the receiver does not answer, and only probes are sent; `lane`: the delivery `waits_for` must end first; `schedule`: the next attempt is due later; `queued`: it is due, and waits until a request may be made.',
    }),
  ),
  waits_for: Nullable(
    Type.String({
      format: 'uuid',
      description:
        'Id of the delivery of the same webhook and media that must end first; null: no other delivery must end first.',
    }),
  ),
  waits_until: Nullable(
    Type.String({
      format: 'date-time',
      description:
        'Time of the next attempt (`schedule`) or of the next probe (`circuit`); null: the wait does not end at a certain time.',
    }),
  ),
  last_attempt_at: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time of the last attempt; null: none was recorded yet.',
    }),
  ),
  last_status: HttpStatus,
  last_error: Failure,
  created_at: Timestamp,
  ended_at: Nullable(Timestamp),
};

export const DeliveryBody = Type.Object(deliveryFields, { examples: [DELIVERY_EXAMPLE] });

const AttemptBody = Type.Object({
  number: Type.Integer({ minimum: 1, description: 'Number of the attempt, from 1.' }),
  at: Timestamp,
  duration_ms: Count,
  status: HttpStatus,
  response: Nullable(Type.String({ description: "First 1 KiB of the answer's body." })),
  error: Failure,
  url: Nullable(
    Type.String({
      description:
        'URL that the request was sent to; null: unknown, because an older version made the attempt, or the webhook has changed more than twenty times since.',
    }),
  ),
  headers: Nullable(SentHeaders),
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

export function deliveryBody(delivery: ShownDelivery): Static<typeof DeliveryBody> {
  const { pendingReason: pending, lastAttempt: last } = delivery;
  return {
    id: delivery.id,
    webhook_id: delivery.webhookId,
    event_id: delivery.eventId,
    event: delivery.eventType,
    media_id: delivery.mediaId,
    state: delivery.state,
    attempt_count: delivery.attempts,
    next_attempt_at: timestampOrNull(delivery.nextAttemptAt),
    pending_reason: pending?.reason ?? null,
    waits_for: pending?.waitsFor ?? null,
    waits_until: timestampOrNull(pending?.until ?? null),
    last_attempt_at: timestampOrNull(last?.at ?? null),
    last_status: last?.status ?? null,
    last_error: last?.error ?? null,
    created_at: timestamp(delivery.createdAt),
    ended_at: timestampOrNull(delivery.endedAt),
  };
}

export function deliveryDetailBody(detail: ShownDeliveryDetail): Static<typeof DeliveryDetailBody> {
  const attempts = detail.attempts.map(attemptBody);
  return { ...deliveryBody(detail.delivery), body: detail.body, attempts };
}

function attemptBody(attempt: ShownAttempt): Static<typeof AttemptBody> {
  return {
    number: attempt.number,
    at: timestamp(attempt.at),
    duration_ms: attempt.durationMs,
    status: attempt.status,
    response: attempt.response,
    error: attempt.error,
    url: attempt.url,
    headers: attempt.headers,
  };
}
