import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TSchema, Type } from 'typebox';
import type { Schema } from '../description.ts';
import { schemaFields, typeOf } from './schema-fields.ts';

test('types are written in words, with their bounds', () => {
  const types: [TSchema, string][] = [
    [Type.String({ minLength: 1, maxLength: 2048 }), 'string, 1 to 2,048 characters'],
    [Type.String({ format: 'date-time' }), 'time'],
    [Type.Integer({ minimum: 0 }), 'integer, at least 0'],
    [Type.Number({ minimum: -1234.5, maximum: 1_234_567.25 }), 'number, -1,234.5 to 1,234,567.25'],
    [Type.Enum(['asc', 'desc', '']), '"asc" | "desc"'],
    [Type.Union([Type.Integer({ maximum: 9 }), Type.Null()]), 'integer, up to 9 | null'],
    [
      Type.Array(Type.Number({ minimum: 0, maximum: 5 }), { maxItems: 20 }),
      'list of number (0 to 5), up to 20 entries',
    ],
    [Type.Unknown(), 'anything'],
  ];
  for (const [schema, expected] of types) assert.equal(typeOf(schema as Schema), expected);
  const headers = { type: 'object', additionalProperties: { type: 'string', maxLength: 9 } };
  assert.equal(typeOf(headers), 'object, each value string (up to 9 characters)');
});

test('required fields of a request are marked, and optional fields of an answer', () => {
  const schema = Type.Object({
    a: Type.String(),
    b: Type.Optional(Type.Array(Type.Object({ c: Type.Boolean() }))),
  });
  const shown = (direction: 'request' | 'answer') =>
    schemaFields(schema as Schema, direction)
      .text.replace(/<[^>]+>|\n/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  assert.equal(shown('request'), 'a string required b list of object c boolean required');
  assert.equal(shown('answer'), 'a string b list of object may be absent c boolean');
});
