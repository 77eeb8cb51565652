import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { dataBody } from '../wire/envelope.ts';
import type { Schema } from './description.ts';
import { exampleOf } from './example-of.ts';

const of = (schema: object) => exampleOf(schema as Schema);

test("a schema's own example comes first", () => {
  const name = Type.String({ examples: ['Ada', 'Grace'] });
  assert.equal(of(name), 'Ada');
  assert.deepEqual(of(Type.Object({ name }, { examples: [{ name: 'Edith' }] })), { name: 'Edith' });
});

test('an answer is composed of the examples of its parts', () => {
  const thing = Type.Object({ id: Type.String() }, { examples: [{ id: 'a' }] });
  assert.deepEqual(of(dataBody({ things: Type.Array(thing), total: Type.Integer() })), {
    status: 'success',
    data: { things: [{ id: 'a' }], total: 1 },
  });
});

test('a schema that allows null has the example of its other type', () => {
  assert.equal(of(Type.Union([Type.String({ examples: ['a'] }), Type.Null()])), 'a');
});

test('if a part has no example, the whole has none: no value is invented', () => {
  assert.equal(of(Type.Object({ id: Type.String(), name: Type.String({ examples: ['Ada'] }) })), undefined);
  assert.equal(of(Type.Array(Type.String())), undefined);
});
