import { type Static, Type } from 'typebox';
import {
  INBOX_ACTIONS,
  type Inbox,
  type InboxBehaviour,
  type InboxRequest,
} from '../../../webhooks/inbox/inbox.ts';
import { SIGNATURE_STEPS } from '../../../webhooks/inbox/verify-signature.ts';
import { Count, Nullable, Timestamp, timestamp, Uuid } from '../envelope.ts';
import { EVENT_EXAMPLES } from '../event.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from '../example-values.ts';

const BEHAVIOUR_EXAMPLE = { action: 'answer', status: 503, delay_ms: 0, times: 2 };

const behaviourFields = {
  action: Type.Enum(INBOX_ACTIONS, {
    description:
      '`answer`: with the status. `reset`: the connection is reset instead. `slow_body`: with the status and a body that comes byte by byte.',
  }),
  status: Type.Integer({ minimum: 200, maximum: 599, description: 'HTTP status of the answer.' }),
  delay_ms: Type.Integer({
    minimum: 0,
    maximum: 30_000,
    description: 'Milliseconds before the answer; for `slow_body`, until the end of its body.',
  }),
  times: Nullable(
    Type.Integer({
      minimum: 0,
      maximum: 1_000,
      description: 'Number of requests that are answered so; the next ones are answered 200. null: all.',
    }),
  ),
};

export const BehaviourInput = Type.Object(
  {
    action: Type.Optional(behaviourFields.action),
    status: Type.Optional(behaviourFields.status),
    delay_ms: Type.Optional(behaviourFields.delay_ms),
    times: Type.Optional(behaviourFields.times),
  },
  {
    description: 'A field that is left out has its default: answer, 200, 0, null.',
    examples: [BEHAVIOUR_EXAMPLE],
  },
);

const INBOX_EXAMPLE = {
  id: EXAMPLE_IDS.check,
  url: 'https://hooks.example.com/inbox/Zm9yIGEgZG9jdW1lbnQgb25seSwgb2YgY291cnNlLiE',
  created_at: EXAMPLE_TIMES.created,
  expires_at: EXAMPLE_TIMES.later,
  received: 1,
  behaviour: { action: 'answer', status: 200, delay_ms: 0, times: null },
};

export const InboxBody = Type.Object(
  {
    id: Uuid,
    url: Type.String({
      description: 'URL for a webhook. Everybody who knows it can send requests to the inbox.',
    }),
    created_at: Timestamp,
    expires_at: Type.String({ format: 'date-time', description: 'Time at which the inbox is removed.' }),
    received: Type.Integer({ minimum: 0, description: 'Number of requests that have arrived.' }),
    behaviour: Type.Object(behaviourFields),
  },
  { examples: [INBOX_EXAMPLE] },
);

const STEPS = ['headers', 'timestamp', 'format', 'webhook', 'signature'];

const REQUEST_EXAMPLE = {
  number: 1,
  at: EXAMPLE_TIMES.emitted,
  method: 'POST',
  headers: { 'content-type': 'application/json', 'webhook-id': EXAMPLE_IDS.event },
  body: JSON.stringify(EVENT_EXAMPLES['encoding.finished']),
  bytes: Buffer.byteLength(JSON.stringify(EVENT_EXAMPLES['encoding.finished'])),
  answer: { action: 'answer', status: 503, delay_ms: 0 },
  is_signed: true,
  signature: STEPS.map((step) => ({ step, outcome: 'passed', message: 'the step has passed' })),
};

export const InboxRequestBody = Type.Object(
  {
    number: Type.Integer({ minimum: 1, description: 'Number of the request in its inbox.' }),
    at: Timestamp,
    method: Type.String(),
    headers: Type.Record(Type.String(), Type.String()),
    body: Type.String({ description: 'The first 64 KiB of the body, as text.' }),
    bytes: Type.Integer({ minimum: 0, description: 'Number of bytes of the whole body.' }),
    answer: Type.Object({
      action: behaviourFields.action,
      status: behaviourFields.status,
      delay_ms: Count,
    }),
    is_signed: Type.Boolean({ description: 'Whether all steps of the check of the signature have passed.' }),
    signature: Type.Array(
      Type.Object({
        step: Type.Enum(SIGNATURE_STEPS),
        outcome: Type.Enum(['passed', 'failed', 'skipped']),
        message: Type.String(),
      }),
      { description: 'The check of the signature, step by step, as a receiver should make it.' },
    ),
  },
  { examples: [REQUEST_EXAMPLE] },
);

export function inboxBody(inbox: Inbox, url: string): Static<typeof InboxBody> {
  const { action, status, delayMs: delay_ms, times } = inbox.behaviour;
  return {
    id: inbox.id,
    url,
    created_at: timestamp(inbox.createdAt),
    expires_at: timestamp(inbox.expiresAt),
    received: inbox.received,
    behaviour: { action, status, delay_ms, times },
  };
}

export function inboxRequestBody(request: InboxRequest): Static<typeof InboxRequestBody> {
  const { number, method, headers, body, bytes, answer, signature } = request;
  const { action, status, delayMs: delay_ms } = answer;
  return {
    ...{ number, at: timestamp(request.at), method, headers, body, bytes },
    answer: { action, status, delay_ms },
    is_signed: signature.every(({ outcome }) => outcome === 'passed'),
    signature: [...signature],
  };
}

export function behaviourOf(input: Static<typeof BehaviourInput>): InboxBehaviour {
  const { action = 'answer', status = 200, delay_ms: delayMs = 0, times = null } = input;
  return { action, status, delayMs, times };
}
