import { type Static, Type } from 'typebox';
import { EVENT_TYPES } from '../../domain/event.ts';
import type { WebhookCheck } from '../../domain/webhook-check.ts';
import { SENT_HEADERS_EXAMPLE, SentHeaders } from './delivery.ts';
import { Count, MessageBody, message, Nullable, Timestamp, timestamp, Uuid } from './envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

const CHECK_EXAMPLE = {
  id: EXAMPLE_IDS.check,
  event: 'file.received',
  event_id: EXAMPLE_IDS.event,
  at: EXAMPLE_TIMES.emitted,
  duration_ms: 141,
  status: 200,
  response: 'ok',
  error: null,
  url: 'https://example.com/hooks',
  headers: { ...SENT_HEADERS_EXAMPLE, 'webhook-test': 'true' },
};

/** A check as the list of a webhook's checks shows it. */
export const CheckBody = Type.Object(
  {
    id: Uuid,
    event: Type.Enum(EVENT_TYPES, { description: 'Type of the sample event.' }),
    event_id: Type.String({ format: 'uuid', description: 'Sent in the header webhook-id.' }),
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
    error: Nullable(Type.String({ description: 'Reason of the failure; null: the receiver answered 2xx.' })),
    url: Type.String({ description: 'URL that the request was sent to.' }),
    headers: SentHeaders,
  },
  { examples: [CHECK_EXAMPLE] },
);

/** The answer to a check whose receiver answered 2xx. */
export const CheckedBody = Type.Object({
  ...MessageBody.properties,
  data: Type.Object({
    id: Uuid,
    event: Type.Enum(EVENT_TYPES, { description: 'Type of the sample event.' }),
    receiver_status: Nullable(Type.Integer({ minimum: 200, maximum: 299 })),
    receiver_response: Nullable(Type.String()),
    duration_ms: Count,
  }),
});

export const CHECKED_EXAMPLE = {
  ...message('the receiver answered 200 after 141 ms'),
  data: {
    id: EXAMPLE_IDS.check,
    event: 'file.received',
    receiver_status: 200,
    receiver_response: 'ok',
    duration_ms: 141,
  },
};

export function checkBody(check: WebhookCheck): Static<typeof CheckBody> {
  return {
    id: check.id,
    event: check.eventType,
    event_id: check.eventId,
    at: timestamp(check.at),
    duration_ms: check.durationMs,
    status: check.status,
    response: check.response,
    error: check.error,
    url: check.url,
    headers: check.headers,
  };
}

export function checkedBody(check: WebhookCheck): Static<typeof CheckedBody> {
  return {
    ...message(`the receiver answered ${check.status} after ${check.durationMs} ms`),
    data: {
      id: check.id,
      event: check.eventType,
      receiver_status: check.status,
      receiver_response: check.response,
      duration_ms: check.durationMs,
    },
  };
}
