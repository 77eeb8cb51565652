import { randomUUIDv7 } from 'node:crypto';
import { Type } from 'typebox';
import { type ErrorDetail, ServiceError } from '../../domain/errors.ts';
import { eventBody, STATUS_OF_EVENT } from '../../domain/event.ts';
import type { Publication } from '../../storage/contracts/events.ts';
import type { App } from '../app.ts';
import type { Services } from '../services.ts';
import { dataBody, success } from '../wire/envelope.ts';
import { type EventInputBody, EventsInput, qualityNamesIn } from '../wire/event.ts';

/** A thousand events of a few KiB each. */
const MAX_EVENTS_BYTES = 4 * 1024 * 1024;

/** Accounts are never removed, so that those once seen need not be looked up again. */
const KNOWN_ACCOUNTS = 100_000;

/** For platforms that have their own encoder: they publish, we deliver. */
export function eventRoutes(api: App, { storage, publisher, now }: Services): void {
  const known = new Set<string>();

  api.post(
    '/events',
    {
      config: {
        access: 'operator',
        errors: {
          overloaded:
            'More events come in than can be stored, or too many large requests are under way. Nothing of the request was taken.',
        },
      },
      bodyLimit: MAX_EVENTS_BYTES,
      schema: {
        operationId: 'publishEvents',
        tags: ['Events'],
        answerExample: success({ accepted: 1 }),
        summary: 'Publish one event or up to 1,000; all are taken, or none',
        description:
          "For platforms with an encoder of their own. `event_id` is the sender's own, unique within the account: a repeat is accepted, and delivered once. The answer comes once all is on the disk.",
        body: EventsInput,
        response: { 202: dataBody({ accepted: Type.Integer({ minimum: 1 }) }) },
      },
    },
    async (request, reply) => {
      const inputs = Array.isArray(request.body) ? request.body : [request.body];
      const field = (index: number, name: string) =>
        Array.isArray(request.body) ? `[${index}].${name}` : name;
      const qualities = inputs.map((input) => qualityNamesIn(input.qualities));
      await refuseFaults(inputs, qualities, field);
      const emitted = now();
      await publisher.publish(inputs.map((input, n) => publicationOf(input, qualities[n] ?? [], emitted)));
      return reply.code(202).send(success({ accepted: inputs.length }));
    },
  );

  async function refuseFaults(
    inputs: readonly EventInputBody[],
    qualities: readonly (readonly string[])[],
    field: (index: number, name: string) => string,
  ): Promise<void> {
    await learnAccounts(inputs);
    const details: ErrorDetail[] = [];
    for (const [index, input] of inputs.entries()) {
      if (!known.has(accountIdIn(input))) {
        details.push({ field: field(index, 'user_id'), message: `there is no account ${input.user_id}` });
      }
      if (input.emitted_at !== undefined && Number.isNaN(Date.parse(input.emitted_at))) {
        // RFC 3339 has leap seconds, and a Date has none.
        details.push({ field: field(index, 'emitted_at'), message: 'expected a time without a leap second' });
      }
      if (qualities[index]?.includes('')) {
        details.push({
          field: field(index, 'qualities'),
          message: 'expected names, comma-joined, none empty',
        });
      }
      const status = STATUS_OF_EVENT[input.type];
      if (input.status !== undefined && input.status !== status) {
        details.push({ field: field(index, 'status'), message: `expected ${status} with ${input.type}` });
      }
    }
    if (details.length === 0) return;
    const text = details.map((detail) => `${detail.field}: ${detail.message}`).join('; ');
    throw new ServiceError('invalid_request', text, { details });
  }

  async function learnAccounts(inputs: readonly EventInputBody[]): Promise<void> {
    const unknown = new Set(inputs.map(accountIdIn).filter((id) => !known.has(id)));
    if (unknown.size === 0) return;
    if (known.size > KNOWN_ACCOUNTS) known.clear();
    for (const id of await storage.accounts.existing([...unknown])) known.add(id);
  }
}

/** A UUID's case means nothing; ours are stored in lower case. */
function accountIdIn(input: EventInputBody): string {
  return input.user_id.toLowerCase();
}

function publicationOf(input: EventInputBody, qualities: readonly string[], now: number): Publication {
  const emittedAt = input.emitted_at === undefined ? now : Date.parse(input.emitted_at);
  const body = eventBody({
    type: input.type,
    emittedAt,
    mediaId: input.media_id,
    mediaType: input.media_type ?? 'video',
    qualities,
    title: input.title ?? '',
    userId: accountIdIn(input),
  });
  const { media_id: mediaId, type, event_id: idempotencyKey } = input;
  return {
    event: { id: randomUUIDv7(), userId: accountIdIn(input), mediaId, type, emittedAt, body, idempotencyKey },
    step: null,
  };
}
