import { type Static, Type } from 'typebox';
import { publicKeyOf } from '../../delivery/attempt/signature.ts';
import { CIRCUIT_STATES, type CircuitView } from '../../delivery/scheduling/circuit.ts';
import type { EventType } from '../../domain/event.ts';
import { PAUSE_REASONS, type SignatureScheme, type SigningKeys, type Webhook } from '../../domain/webhook.ts';
import { MASK } from '../../webhooks/headers.ts';
import { Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_PUBLIC_KEY, EXAMPLE_SECRET, EXAMPLE_TIMES } from './example-values.ts';
import { MaxInFlight, RetryScheduleBody, Signature } from './webhook-input.ts';

/** Schema of the public key of a webhook; `null`: its requests have no Ed25519 signature. */
export const PublicKey = Nullable(
  Type.String({
    description: 'Public key that verifies `v1a` signatures; null: requests have no such signature.',
    examples: [EXAMPLE_PUBLIC_KEY],
  }),
);

const HeadersBody = Type.Record(Type.String(), Type.String(), {
  description: 'Names of the headers that are sent with every request. Their values are not shown.',
  examples: [{ Authorization: MASK }],
});

export const WEBHOOK_EXAMPLE = {
  id: EXAMPLE_IDS.webhook,
  user_id: EXAMPLE_IDS.account,
  name: 'my server',
  url: 'https://example.com/hooks',
  file_received: true,
  encoding_started: false,
  partial_finished: false,
  encoding_finished: true,
  encoding_failed: false,
  created_at: EXAMPLE_TIMES.created,
  updated_at: EXAMPLE_TIMES.created,
  last_triggered_at: EXAMPLE_TIMES.delivered,
  retry_schedule: 'default',
  max_in_flight: null,
  signature: 'both',
  public_key: EXAMPLE_PUBLIC_KEY,
  previous_keys_until: null,
  headers: { Authorization: MASK },
  paused_at: null,
  pause_reason: null,
  failing_since: null,
  last_error: null,
  circuit: 'closed',
  circuit_since: null,
  circuit_probe_at: null,
};

const webhookFields = {
  id: Uuid,
  user_id: Uuid,
  name: Type.String(),
  url: Type.String({ format: 'uri', pattern: '^https?://' }),
  file_received: Type.Boolean({ description: 'Whether the webhook receives the event `file.received`.' }),
  encoding_started: Type.Boolean({
    description: 'Whether the webhook receives the event `encoding.started`.',
  }),
  partial_finished: Type.Boolean({
    description: 'Whether the webhook receives the event `partial.finished`.',
  }),
  encoding_finished: Type.Boolean({
    description: 'Whether the webhook receives the event `encoding.finished`.',
  }),
  encoding_failed: Type.Boolean({ description: 'Whether the webhook receives the event `encoding.failed`.' }),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_triggered_at: Nullable(Type.String({ format: 'date-time', description: 'Time of the last attempt.' })),
  retry_schedule: RetryScheduleBody,
  max_in_flight: MaxInFlight,
  signature: Signature,
  public_key: PublicKey,
  previous_keys_until: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Until this time, requests are also signed with the keys of before the last rotation.',
    }),
  ),
  headers: HeadersBody,
  paused_at: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time since which nothing is sent; null: the webhook is not paused.',
    }),
  ),
  pause_reason: Nullable(
    Type.Enum(PAUSE_REASONS, {
      description:
        '`owner`: paused through the API; `gone`: the receiver answered 410; `failing`: all attempts failed for days.',
    }),
  ),
  failing_since: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time since which all attempts have failed; null: none has failed since the last success.',
    }),
  ),
  last_error: Nullable(
    Type.String({
      description: 'Reason why the last attempt failed; null: it succeeded, or no attempt was made.',
    }),
  ),
  circuit: Type.Enum(CIRCUIT_STATES, {
    description:
      '`closed`: all due deliveries are sent; `open`: nothing is sent; `half_open`: one delivery is sent as a probe.',
  }),
  circuit_since: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time since which the circuit is not closed; null: it is closed.',
    }),
  ),
  circuit_probe_at: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Time of the next probe; null: the circuit is not open.',
    }),
  ),
};

export const WebhookBody = Type.Object(webhookFields, { examples: [WEBHOOK_EXAMPLE] });

export const NewWebhookBody = Type.Object(
  {
    ...webhookFields,
    secret: Type.String({
      pattern: '^whsec_',
      description:
        'Secret that signs requests according to Standard Webhooks: https://www.standardwebhooks.com',
    }),
  },
  { examples: [{ ...WEBHOOK_EXAMPLE, last_triggered_at: null, secret: EXAMPLE_SECRET }] },
);

export function webhookBody(webhook: Webhook, circuit: CircuitView): Static<typeof WebhookBody> {
  const { retrySchedule: schedule } = webhook;
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
    retry_schedule: typeof schedule === 'string' ? schedule : schedule.map((ms) => ms / 1000),
    max_in_flight: webhook.maxInFlight,
    signature: webhook.signature,
    public_key: publicKeyIn(webhook.signature, webhook),
    previous_keys_until: timestampOrNull(webhook.previousKeys?.until ?? null),
    headers: maskedHeaders(webhook.headers),
    paused_at: timestampOrNull(webhook.pausedAt),
    pause_reason: webhook.pauseReason,
    failing_since: timestampOrNull(webhook.failingSince),
    last_error: webhook.lastError,
    circuit: circuit.state,
    circuit_since: timestampOrNull(circuit.since),
    circuit_probe_at: timestampOrNull(circuit.probeAt),
  };
}

/**
 * Returns the public key that verifies signatures of a scheme; `null`: there is no public
 * key for this scheme.
 */
export function publicKeyIn(signature: SignatureScheme, { privateKey }: SigningKeys): string | null {
  return signature === 'hmac' || privateKey === null ? null : publicKeyOf(privateKey);
}

/** Returns `headers` with a mask in place of each value. */
function maskedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]));
}
