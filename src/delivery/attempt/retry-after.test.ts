import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.parse('1994-11-06T08:49:07Z');

test('seconds', () => {
  assert.equal(retryAfterMs('120', NOW), 120_000);
  assert.equal(retryAfterMs(' 0 ', NOW), 0);
});

test('an HTTP date, in each of its three forms', () => {
  const forms = [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ];
  for (const form of forms) assert.equal(retryAfterMs(form, NOW), 30_000, form);
});

test('a date in the past means no delay', () => {
  assert.equal(retryAfterMs('Sun, 06 Nov 1994 08:00:00 GMT', NOW), 0);
});

test('any other value is ignored', () => {
  for (const text of ['', 'soon', '-5', '1.5', '5s', '1994-11-06', 'Sun, 99 Nov 1994 08:49:37 GMT', '5, 6']) {
    assert.equal(retryAfterMs(text, NOW), null, text);
  }
});
