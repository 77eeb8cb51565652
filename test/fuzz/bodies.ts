import fc from 'fast-check';
import type { Operation } from './described-api.ts';
import type { DraftBody, RawBody } from './draft.ts';
import { pictureForm, uploadForm } from './forms.ts';
import { Known } from './known.ts';
import { anyText, fitting, junk, spoilt } from './values.ts';

interface Bodies {
  readonly good: fc.Arbitrary<DraftBody | null>;
  readonly bad: fc.Arbitrary<DraftBody | null>;
}

/** Bodies for an operation, of the kinds that it accepts, and of others. */
export function bodiesOf({ method, path, bodies }: Operation): Bodies {
  if (path.endsWith('/part')) return uploadForm;
  if (path.endsWith('/thumbnail') && method === 'POST') return pictureForm;
  const schema = bodies['application/json'];
  const tooLarge = {
    weight: 1,
    arbitrary: fc.constant(path === '/api/events' ? LARGER_EVENTS : LARGER_BODY),
  };
  if (!schema)
    return {
      good: fc.constant(null),
      bad: fc.oneof({ weight: 10, arbitrary: RAW_BODY }, { weight: 5, arbitrary: json(junk) }, tooLarge),
    };
  const value = path === '/api/auth/login' || path === '/api/console/session' ? LOGIN : fitting(schema);
  const isForm = 'application/x-www-form-urlencoded' in bodies;
  const good = isForm ? fc.oneof({ weight: 3, arbitrary: json(value) }, form(value)) : json(value);
  return {
    good,
    bad: fc.oneof(
      { weight: 12, arbitrary: json(spoilt(value)) },
      { weight: 4, arbitrary: form(spoilt(value)) },
      { weight: 4, arbitrary: RAW_BODY },
      tooLarge,
    ),
  };
}

/** A body larger than the maximum. */
const LARGER_BODY = jsonText(`{"name":"${'x'.repeat(600_000)}"}`);
const LARGER_EVENTS = jsonText(`[${' '.repeat(4_500_000)}]`);

function jsonText(text: string): DraftBody {
  return { kind: 'raw', type: 'application/json', bytes: Buffer.from(text) };
}

const LOGIN = fc.nat(1_000).chain((nth) =>
  fc.record({
    email: fc.constant(new Known('email', nth)),
    password: fc.constant(new Known('password', nth)),
  }),
);

function json(value: fc.Arbitrary<unknown>): fc.Arbitrary<DraftBody> {
  return value.map((one) => ({ kind: 'json', value: one }));
}

function form(value: fc.Arbitrary<unknown>): fc.Arbitrary<DraftBody> {
  return value.map((one) => ({ kind: 'form', value: one }));
}

const CONTENT_TYPES = [
  ...['application/json', 'application/json; charset=utf-16', 'APPLICATION/JSON', 'text/plain', 'text/json'],
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'application/xml',
  ],
  ...['', 'no type', 'application/octet-stream', '*/*', 'application/json, application/json'],
];

const RAW_BODY: fc.Arbitrary<DraftBody> = fc.record<RawBody>({
  kind: fc.constant('raw' as const),
  type: fc.option(fc.constantFrom<string[]>(...CONTENT_TYPES), { nil: null }),
  encoding: fc.option(fc.constantFrom<string[]>('gzip', 'br', 'identity', 'nonsense'), { freq: 8 }),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    anyText.map((text) => Buffer.from(text)),
    junk.map((value) => Buffer.from(JSON.stringify(value).slice(0, -1))),
    fc
      .constantFrom(
        ...[
          '{"__proto__":{"x":1}}',
          '{"constructor":{"prototype":{}}}',
          '{"url":1,"url":2}',
          '\ufeff{}',
          "{'a':1}",
        ],
        ...[
          'null',
          'true',
          '[1,]',
          '{"a":1}}',
          '{"a":"\t"}',
          '"\\ud800"',
          '1e999',
          '[NaN]',
          'a=1&a=2&b[]=3',
          '%zz=%',
        ],
        ...['['.repeat(20_000), `[${'{},'.repeat(30_000)}{}]`],
      )
      .map((text) => Buffer.from(text)),
  ),
});
