import fc from 'fast-check';
import type { Schema } from './described-api.ts';
import { known } from './known.ts';

/**
 * Any code point that is no half of a surrogate pair. The unit `binary` of fast-check chooses from the same code
 * points, but first fills tables of all 1.1 million, which takes 1.6 s of CPU.
 */
const codePoint = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

/** Text of any kind: characters of every language, NULs, halves of surrogates, text that is code elsewhere. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 3, arbitrary: fc.string({ unit: codePoint, maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 300 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      '\0',
      'a\0b',
      '\ud800',
      'x\udfff',
      '\u202e',
      '%',
      "'); drop table webhooks; --",
      '../../etc/passwd',
      '{"$ref":"#"}',
      '__proto__',
      '1e309',
      '-0',
      '٣',
    ),
  },
);

/** JSON values that match no schema, or do so by chance. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 3, arbitrary: anyText },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 9_000 }).map((length) => 'ab€'.repeat(length)) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown[]>(
      ...[null, true, 'true', 0, -1, '1', 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 5e-324, [], {}, [[]]],
      ...['2016-12-31T23:59:60Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999+23:59'],
    ),
  },
  { weight: 1, arbitrary: fc.array(fc.constantFrom<unknown[]>('', null, {}, 'x'), { maxLength: 60 }) },
);

/** Fields with a meaning. With values from the schema alone, hardly a request would pass validation. */
const BY_NAME: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  url: known('url'),
  user_id: fc.oneof(known('actor'), known('account')),
  webhook_id: fc.oneof(known('webhook'), known('removed')),
  email: fc.oneof(fc.stringMatching(/^[a-z]{1,12}@fuzz\.test$/), { weight: 1, arbitrary: known('email') }),
  current_password: known('own password'),
  qualities: fc
    .uniqueArray(fc.constantFrom('144p', '360p', '720p', '1080p', '2160p'), { minLength: 1 })
    .map((names) => names.join(',')),
  since: pastTime(),
  until: pastTime(),
  ttl: fc.nat(2_147_483_647).map(String),
  headers: fc.dictionary(fc.stringMatching(/^[Xx]-[A-Za-z0-9]{1,20}$/), fc.stringMatching(/^[!-~]{1,60}$/), {
    maxKeys: 5,
  }),
  // The field of an event has the name of a media's field, and follows from the event's type.
  status: fc.constant(undefined),
  encoding_failed: fc.constant(true),
};

/** Values that a schema allows. Objects leave out optional fields at random. */
export function fitting(schema: Schema, name = ''): fc.Arbitrary<unknown> {
  const named = BY_NAME[name];
  // A list of qualities has a complete schema, but a text with qualities has none.
  if (named && (schema.type === 'string' || schema.type === 'object' || schema.type === 'boolean'))
    return named;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(choices)) return fc.oneof(...choices.map((choice) => fitting(choice, name)));
  switch (schema.type) {
    case 'string':
      return fittingText(schema);
    case 'integer':
      return fc.integer(bounds(schema, -(2 ** 31), 2 ** 31 - 1));
    case 'number':
      return fc.oneof(
        fc.integer(bounds(schema, 0, 1_000)),
        fc.double({ ...bounds(schema, 0, 1e9), noNaN: true }),
      );
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(fitting(schema.items as Schema, name), {
        minLength: Number(schema.minItems ?? 0),
        maxLength: Math.min(Number(schema.maxItems ?? 5), 5),
      });
    case 'object':
      return fittingObject(schema);
    default:
      return junk;
  }
}

function fittingObject({
  properties = {},
  required = [],
  additionalProperties,
}: Schema): fc.Arbitrary<unknown> {
  if (typeof additionalProperties === 'object' && additionalProperties !== null)
    return fc.dictionary(
      fc.string({ minLength: 1, maxLength: 10 }),
      fitting(additionalProperties as Schema),
      {
        maxKeys: 3,
      },
    );
  const fields = Object.entries(properties as Record<string, Schema>).map(
    ([name, schema]) => [name, fitting(schema, name)] as const,
  );
  return fc.record(Object.fromEntries(fields), { requiredKeys: required as string[] });
}

function fittingText({ format, pattern, minLength = 0, maxLength = 300 }: Schema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return pastTime();
  if (typeof pattern === 'string' && pattern !== '\\S')
    return fc.stringMatching(new RegExp(pattern)).map((text) => text.slice(0, Number(maxLength)));
  const size = { minLength: Number(minLength), maxLength: Math.min(Number(maxLength), 60) };
  const text = fc.oneof(
    fc.string({ unit: 'grapheme-ascii', ...size }),
    fc.string({ unit: codePoint, ...size }),
  );
  return pattern === '\\S' ? text.map((rest) => `n${rest}`) : text;
}

function bounds({ minimum, maximum }: Schema, least: number, most: number) {
  return { min: Number(minimum ?? least), max: Number(maximum ?? most) };
}

function pastTime(): fc.Arbitrary<string> {
  const dates = fc.date({ min: new Date('2020-01-01'), max: new Date('2026-01-01'), noInvalidDate: true });
  return dates.map((date) => date.toISOString());
}

/** Changes to a valid value: fields are removed, added or changed, or the whole value is replaced. */
type Change =
  | { drop: number }
  | { set: number; to: unknown }
  | { add: string; to: unknown }
  | { all: unknown };

export function spoilt(good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.record({ drop: fc.nat(20) }),
    { weight: 4, arbitrary: fc.record({ set: fc.nat(20), to: junk }) },
    fc.record({ add: anyText, to: junk }),
    fc.record({ all: junk }),
  );
  return fc
    .tuple(good, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => changes.reduce(changed, value));
}

function changed(value: unknown, change: Change): unknown {
  if ('all' in change) return change.all;
  if (Array.isArray(value)) return [changed(value[0], change), ...value.slice(1)];
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if ('add' in change) return Object.fromEntries([...entries, [change.add, change.to]]);
  const at = ('drop' in change ? change.drop : change.set) % Math.max(1, entries.length);
  const rest = entries.filter((_entry, index) => index !== at);
  const name = entries[at]?.[0];
  return Object.fromEntries('drop' in change || name === undefined ? rest : [...rest, [name, change.to]]);
}
