import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventsInput } from '../wire/event.ts';
import { WebhookInput } from '../wire/webhook-input.ts';
import { type FieldSchema, unknownFieldFinder } from './unknown-fields.ts';

const inWebhook = unknownFieldFinder(WebhookInput as FieldSchema);
const inEvents = unknownFieldFinder(EventsInput as FieldSchema);
const fieldsOf = (found: readonly { field: string }[]) => found.map(({ field }) => field);

test('an unknown field is named with its path, and with the name that was probably meant', () => {
  assert.deepEqual(inWebhook({ url: 'x', encoding_finshed: true }), [
    {
      field: 'encoding_finshed',
      message: 'is not known, and was ignored; did you mean `encoding_finished`?',
    },
  ]);
  const nested = { type: 'object', properties: { a: { items: { properties: { b: {} } } } } } as FieldSchema;
  assert.deepEqual(fieldsOf(unknownFieldFinder(nested)({ a: [{ b: 1 }, { b: 1, colour: 1 }] })), [
    'a[1].colour',
  ]);
});

test('names in a record are the caller’s own, and values of any type are not searched', () => {
  assert.deepEqual(inWebhook({ url: 'x', headers: { 'X-Own': '1' }, retry_schedule: [1, 2] }), []);
  for (const body of [null, undefined, 7, 'text', [], [[]]]) assert.deepEqual(inWebhook(body), []);
});

test('a list is searched item by item, and one item alone by its fields', () => {
  const event = { type: 'file.received', event_id: '1', media_id: 'm', user_id: 'u' };
  assert.deepEqual(fieldsOf(inEvents({ ...event, mediaId: 'm' })), ['mediaId']);
  assert.deepEqual(fieldsOf(inEvents([event, { ...event, tpye: 'x' }])), ['[1].tpye']);
});

test('a body with thousands of unknown fields gets few warnings, and long names are cut off', () => {
  const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`${n}${'x'.repeat(1_000)}`, 1]));
  const found = inWebhook(body);
  assert.equal(found.length, 20);
  for (const { field, message } of found) assert.ok(field.length + message.length < 200, field);
  assert.deepEqual(fieldsOf(inWebhook(JSON.parse('{"__proto__": 1, "constructor": 1}'))), [
    '__proto__',
    'constructor',
  ]);
});
