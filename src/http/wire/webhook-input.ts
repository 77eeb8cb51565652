import { type Static, Type } from 'typebox';
import { EVENT_TYPES, type EventType } from '../../domain/event.ts';
import { EVENT_FIELD, type RetrySchedule, SIGNATURE_SCHEMES } from '../../domain/webhook.ts';
import { MASK } from '../../webhooks/headers.ts';
import type { WebhookSettings } from '../../webhooks/webhooks.ts';
import { GivenName, Nullable } from './envelope.ts';

const eventFlag = (type: EventType) =>
  Type.Optional(Type.Boolean({ description: `Whether the webhook receives the event \`${type}\`.` }));

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
  description: 'An http or https URL on the public internet, without user name and password.',
});

export const UrlInput = Type.Object({ url }, { examples: [{ url: 'https://example.com/hooks' }] });

/** Errors of a URL that the egress policy forbids, for the API's description. */
export const URL_NOT_ALLOWED =
  'The URL leads to an address that is not on the public internet or to a port of another protocol, or it is http and the operator allows only https.';

/** Maximum number of retries in a retry schedule. */
const MAX_RETRIES = 20;
/** Maximum seconds before a retry: 30 days, because nobody waits longer for an event. */
const MAX_DELAY_S = 30 * 24 * 3600;

export const RetryScheduleBody = Type.Union(
  [
    Type.Enum(['default', 'exponential']),
    Type.Array(Type.Number({ minimum: 0, maximum: MAX_DELAY_S }), { maxItems: MAX_RETRIES }),
  ],
  {
    description:
      '`default`: the schedule of the service; `exponential`: the schedule of Standard Webhooks; or a list of the seconds before each retry.',
    examples: ['default', [5, 60, 3600]],
  },
);

export const Signature = Type.Enum(SIGNATURE_SCHEMES, {
  description: 'Signatures of requests: `hmac` (`v1`), `ed25519` (`v1a`), or `both`.',
});

/** Maximum number of extra headers that a webhook can have. */
const MAX_HEADERS = 10;
/** Maximum characters of the value of an extra header. */
const MAX_VALUE = 4096;

const HeadersInput = Type.Record(Type.String(), Type.String({ maxLength: MAX_VALUE }), {
  maxProperties: MAX_HEADERS,
  description: `Sent with every request; values are stored encrypted and never shown. A change replaces all headers; the value ${MASK} keeps the present value.`,
  examples: [{ Authorization: 'Bearer 3f9c…' }],
});

export const MaxInFlight = Nullable(
  Type.Integer({
    minimum: 1,
    maximum: 1000,
    description: 'Maximum number of requests in flight; null: the limit of the service applies.',
  }),
);

const policies = {
  signature: Type.Optional(Signature),
  headers: Type.Optional(HeadersInput),
  retry_schedule: Type.Optional(RetryScheduleBody),
  max_in_flight: Type.Optional(MaxInFlight),
};

export const WebhookInput = Type.Object(
  { url, name: Type.Optional(name), ...eventFlags, ...policies },
  {
    description: 'At least one of the five events must be true.',
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

/**
 * Returns the settings in a request that creates or changes a webhook. Settings that the request leaves
 * out are undefined.
 */
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

/** Returns the retry schedule of a request, with delays in milliseconds instead of seconds. */
function retryScheduleOf(input: Static<typeof RetryScheduleBody>): RetrySchedule {
  return typeof input === 'string' ? input : input.map((seconds) => Math.round(seconds * 1000));
}

/** Returns the flags that a request sets, by event type. */
export function eventFlagsOf(flags: EventFlagsInput): Partial<Record<EventType, boolean>> {
  const byType: Partial<Record<EventType, boolean>> = {};
  for (const type of EVENT_TYPES) {
    const flag = flags[EVENT_FIELD[type]];
    if (flag !== undefined) byType[type] = flag;
  }
  return byType;
}
