import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName, suggestionFor } from './nearest-name.ts';

const KNOWN = [
  'url',
  'name',
  'file_received',
  'encoding_finished',
  'encoding_failed',
  'retry_schedule',
  'headers',
];

test('a misspelt name leads to the name that was meant', () => {
  for (const [name, meant] of [
    ['ulr', 'url'],
    ['URL', 'url'],
    ['fileReceived', 'file_received'],
    ['file-recieved', 'file_received'],
    ['encoding_finshed', 'encoding_finished'],
    ['retry_schedules', 'retry_schedule'],
    ['header', 'headers'],
  ])
    assert.equal(nearestName(name ?? '', KNOWN), meant);
});

test('a name that is similar to none leads to nothing, nor does a very long one', () => {
  for (const name of ['watermark', 'id', '', 'x'.repeat(10_000)])
    assert.equal(nearestName(name, KNOWN), null, name);
  assert.equal(suggestionFor('watermark', KNOWN), '');
  assert.equal(suggestionFor('ulr', KNOWN), '; did you mean `url`?');
});
