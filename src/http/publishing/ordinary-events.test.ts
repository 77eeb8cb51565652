import assert from 'node:assert/strict';
import { test } from 'node:test';
import AjvCompiler from '@fastify/ajv-compiler';
import fc from 'fast-check';
import { type FieldSchema, unknownFieldFinder } from '../misuse/unknown-fields.ts';
import { EventsInput } from '../wire/event.ts';
import { ordinaryEventsIn } from './ordinary-events.ts';

const USER = '0197c0de-0000-7000-8000-000000000001';
const EVENT = { type: 'file.received', event_id: 'one', media_id: 'm', user_id: USER };

const compile = AjvCompiler()({}, { customOptions: { removeAdditional: false, coerceTypes: false } });
const fits = compile({ schema: EventsInput, method: 'POST', url: '/', httpPart: 'body' });
const unknownFields = unknownFieldFinder(EventsInput as FieldSchema);

/** Asserts that an ordinary body is one that the schema accepts and knows. Returns whether it is ordinary. */
function isOrdinary(body: unknown): boolean {
  const json = JSON.stringify(body);
  if (ordinaryEventsIn(json) === null) return false;
  assert.ok(fits(JSON.parse(json)), json);
  assert.deepEqual(unknownFields(JSON.parse(json)), [], json);
  return true;
}

const TIMES = [
  ...['2026-11-24T08:00:00Z', '2026-11-24T08:00:00.123Z', '2024-02-29T00:00:00Z', '0001-01-01T00:00:00Z'],
  ...['9999-12-31T23:59:59.999Z'],
];
const OTHER_TIMES = [
  ...[
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-11-24T24:00:00Z',
    '2016-12-31T23:59:60Z',
    'now',
    '',
  ],
  ...[
    '2026-13-01T00:00:00Z',
    '2026-11-24T08:60:00Z',
    '2026-11-24T08:00:00+01:00',
    '2026-11-24T08:00:00',
    '2026-11-24',
  ],
];

test('events with the usual values are ordinary, alone and in lists', () => {
  const full = { ...EVENT, media_type: 'audio', qualities: '360p,720p', title: 'A "title"', status: 'new' };
  for (const one of [EVENT, full, ...TIMES.map((emitted_at) => ({ ...full, emitted_at }))]) {
    assert.ok(isOrdinary(one), JSON.stringify(one));
    assert.ok(isOrdinary([one, EVENT]));
  }
  assert.ok(isOrdinary(Array.from({ length: 1_000 }, () => full)));
});

test('a body that the schema might refuse, or that has an unknown field, is not ordinary', () => {
  const others: unknown[] = [
    null,
    1,
    'text',
    [],
    [[]],
    [null],
    {},
    [EVENT, {}],
    Array.from({ length: 1_001 }, () => EVENT),
  ];
  for (const field of Object.keys(EVENT))
    others.push({ ...EVENT, [field]: undefined }, { ...EVENT, [field]: 1 });
  for (const emitted_at of OTHER_TIMES) others.push({ ...EVENT, emitted_at });
  const long = { event_id: 256, media_id: 256, title: 256, qualities: 1_001 };
  for (const [field, length] of Object.entries(long)) others.push({ ...EVENT, [field]: 'x'.repeat(length) });
  for (const field of ['titel', 'toString', 'constructor']) others.push({ ...EVENT, [field]: 'x' });
  for (const body of others) assert.equal(isOrdinary(body), false, JSON.stringify(body)?.slice(0, 200));
  for (const json of [
    '',
    '{',
    '\ufeff{}',
    '{"__proto__":{}}',
    JSON.stringify(EVENT).replace('{', '{"__proto__":"x",'),
  ])
    assert.equal(ordinaryEventsIn(json), null, json);
});

test('whatever the fields are, an ordinary event is one that the schema accepts', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.constantFrom(...TIMES, ...OTHER_TIMES),
  );
  const time = fc
    .date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString());
  // Changes one digit, so that days and hours appear that do not exist.
  const spoilt = fc
    .tuple(time, fc.nat(23), fc.nat(9))
    .map(([at, n, digit]) => at.slice(0, n) + digit + at.slice(n + 1));
  const any = fc.record(
    {
      type: fc.constantFrom('file.received', 'encoding.failed', 'nothing'),
      event_id: text,
      media_id: text,
      user_id: fc.oneof(
        fc.uuid(),
        fc.uuid().map((id) => id.toUpperCase()),
        text,
      ),
      media_type: fc.constantFrom('video', 'live-stream', 'other'),
      qualities: text,
      title: text,
      status: text,
      emitted_at: fc.oneof(time, spoilt, text),
    },
    { requiredKeys: [] },
  );
  let ordinary = 0;
  fc.assert(
    fc.property(any, (fields) => {
      if (isOrdinary({ ...EVENT, ...fields })) ordinary += 1;
    }),
    { numRuns: 3_000 },
  );
  assert.ok(ordinary > 100, `${ordinary} events were ordinary`);
});
