import { type Static, Type } from 'typebox';
import { publicKeyOf } from '../../delivery/attempt/signature.ts';
import { CIRCUIT_STATES, type CircuitView } from '../../delivery/scheduling/circuit.ts';
import { EVENT_TYPES, type EventType } from '../../domain/event.ts';
import {
  EVENT_FIELD,
  PAUSE_REASONS,
  type RetrySchedule,
  SIGNATURE_SCHEMES,
  type SignatureScheme,
  type SigningKeys,
  type Webhook,
} from '../../domain/webhook.ts';
import { MASK } from '../../webhooks/headers.ts';
import type { WebhookSettings } from '../../webhooks/webhooks.ts';
import { GivenName, Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_PUBLIC_KEY, EXAMPLE_SECRET, EXAMPLE_TIMES } from './example-values.ts';
import { HeadersBody, HeadersInput, maskedHeaders } from './webhook-headers.ts';

const eventFlag = (type: EventType) =>
  Type.Optional(Type.Boolean({ description: `Whether it wants the event \`${type}\`.` }));

const eventFlags = {
  file_received: eventFlag('file.received'),
  encoding_started: eventFlag('encoding.started'),
  partial_finished: eventFlag('partial.finished'),
  encoding_finished: eventFlag('encoding.finished'),
  encoding_failed: eventFlag('encoding.failed'),
};

export const EventFlags = Type.Object(eventFlags);
export type EventFlagsInput = Static<typeof EventFlags>;

const name = Type.String({ maxLength: 255 });
const url = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'http or https, on the public internet, without a user name or a password.',
});

/** Retries, and seconds before one, that a list may ask for: beyond a month nobody waits for an event. */
const MAX_RETRIES = 20;
const MAX_DELAY_S = 30 * 24 * 3600;

const RetryScheduleBody = Type.Union(
  [
    Type.Enum(['default', 'exponential']),
    Type.Array(Type.Number({ minimum: 0, maximum: MAX_DELAY_S }), { maxItems: MAX_RETRIES }),
  ],
  {
    description:
      "`default` is the service's own schedule, `exponential` that of Standard Webhooks; or seconds before each retry.",
    examples: ['default', [5, 60, 3600]],
  },
);

/** Null where requests bear no Ed25519 signature. */
export const PublicKey = Nullable(
  Type.String({
    description: 'Verifies the signatures `v1a`.',
    examples: [EXAMPLE_PUBLIC_KEY],
  }),
);

const Signature = Type.Enum(SIGNATURE_SCHEMES, {
  description: 'Which signatures requests bear: `v1` (hmac), `v1a` (ed25519), or both.',
});

const policies = {
  signature: Type.Optional(Signature),
  headers: Type.Optional(HeadersInput),
  retry_schedule: Type.Optional(RetryScheduleBody),
  max_in_flight: Type.Optional(
    Nullable(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'Requests under way at once; null leaves it to the service.',
      }),
    ),
  ),
};

export const WebhookInput = Type.Object(
  { url, name: Type.Optional(name), ...eventFlags, ...policies },
  {
    description: 'At least one of the five events is true.',
    examples: [
      { url: 'https://example.com/hooks', name: 'my server', file_received: true, encoding_finished: true },
      {
        url: 'https://example.com/hooks',
        encoding_finished: true,
        signature: 'both',
        headers: { Authorization: 'Bearer 3f9c21d8' },
      },
    ],
  },
);

export const WebhookChangesInput = Type.Object(
  {
    url: Type.Optional(url),
    name: Type.Optional(GivenName),
    ...eventFlags,
    ...policies,
  },
  { examples: [{ name: 'my server', partial_finished: true, retry_schedule: [5, 60, 3600] }] },
);

export const WEBHOOK_EXAMPLE = {
  id: EXAMPLE_IDS.webhook,
  user_id: EXAMPLE_IDS.account,
  name: 'my server',
  url: 'https://example.com/hooks',
  file_received: true,
  encoding_started: false,
  partial_finished: false,
  encoding_finished: true,
  encoding_failed: true,
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
  file_received: Type.Boolean({ description: 'Whether it wants the event `file.received`.' }),
  encoding_started: Type.Boolean({ description: 'Whether it wants the event `encoding.started`.' }),
  partial_finished: Type.Boolean({ description: 'Whether it wants the event `partial.finished`.' }),
  encoding_finished: Type.Boolean({ description: 'Whether it wants the event `encoding.finished`.' }),
  encoding_failed: Type.Boolean({ description: 'Whether it wants the event `encoding.failed`.' }),
  created_at: Timestamp,
  updated_at: Timestamp,
  last_triggered_at: Nullable(
    Type.String({ format: 'date-time', description: 'When it was last sent something.' }),
  ),
  retry_schedule: RetryScheduleBody,
  max_in_flight: Nullable(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'Requests under way at once; null leaves it to the service.',
    }),
  ),
  signature: Signature,
  public_key: PublicKey,
  previous_keys_until: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Until then requests bear the signatures of the keys before the last rotation, too.',
    }),
  ),
  headers: HeadersBody,
  paused_at: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Since when nothing is sent; null while it is not paused.',
    }),
  ),
  pause_reason: Nullable(
    Type.Enum(PAUSE_REASONS, {
      description:
        'owner (by the API), gone (the receiver answered 410) or failing (nothing but failures for days)',
    }),
  ),
  failing_since: Nullable(
    Type.String({
      format: 'date-time',
      description: 'Since when nothing but failures; null after a success.',
    }),
  ),
  last_error: Nullable(Type.String({ description: 'Why the last attempt failed; null after a success.' })),
  circuit: Type.Enum(CIRCUIT_STATES, {
    description:
      'Whether all that is due is sent (closed), nothing (open), or one delivery as a probe (half_open).',
  }),
  circuit_since: Nullable(
    Type.String({ format: 'date-time', description: 'Since when it is not closed; null while it is.' }),
  ),
  circuit_probe_at: Nullable(
    Type.String({ format: 'date-time', description: 'When the next probe may go; null unless it is open.' }),
  ),
};

export const WebhookBody = Type.Object(webhookFields, { examples: [WEBHOOK_EXAMPLE] });

export const NewWebhookBody = Type.Object(
  {
    ...webhookFields,
    secret: Type.String({
      pattern: '^whsec_',
      description: 'Signs what is sent, as Standard Webhooks says: https://www.standardwebhooks.com',
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

/** The public key that verifies what is signed under a scheme. */
export function publicKeyIn(signature: SignatureScheme, { privateKey }: SigningKeys): string | null {
  return signature === 'hmac' || privateKey === null ? null : publicKeyOf(privateKey);
}

/** Returns the settings that a request to create or change a webhook names. */
export function webhookSettingsOf(input: Static<typeof WebhookChangesInput>): WebhookSettings {
  const { name, retry_schedule: retrySchedule, max_in_flight: maxInFlight, signature, headers } = input;
  return {
    name,
    events: eventFlagsOf(input),
    retrySchedule: retrySchedule && retryScheduleOf(retrySchedule),
    maxInFlight,
    signature,
    headers,
  };
}

/** A schedule as it is kept, from what a request says. */
function retryScheduleOf(input: Static<typeof RetryScheduleBody>): RetrySchedule {
  return typeof input === 'string' ? input : input.map((seconds) => Math.round(seconds * 1000));
}

/** Returns, by event, the flags that a request sets. */
export function eventFlagsOf(flags: EventFlagsInput): Partial<Record<EventType, boolean>> {
  const byType: Partial<Record<EventType, boolean>> = {};
  for (const type of EVENT_TYPES) {
    const flag = flags[EVENT_FIELD[type]];
    if (flag !== undefined) byType[type] = flag;
  }
  return byType;
}
