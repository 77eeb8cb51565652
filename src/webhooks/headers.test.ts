import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHeaders, MASK } from './headers.ts';

test('headers are stored as they are given', () => {
  const headers = { Authorization: 'Bearer 3f9c 21d8', 'X-Tab': 'a\tb' };
  assert.deepEqual(checkHeaders(headers), headers);
});

test('a mask keeps the present value, whatever the case of the name', () => {
  const before = { Authorization: 'Bearer 1', 'X-Old': '2' };
  assert.deepEqual(checkHeaders({ authorization: MASK }, before), { authorization: 'Bearer 1' });
  assert.throws(() => checkHeaders({ 'X-New': MASK }, before), { code: 'invalid_request' });
});

test('a header that cannot be sent is refused by its name, and its value is never repeated', () => {
  for (const [name, value] of [
    ['webhook-id', 's3cret'],
    ['Host', 's3cret'],
    ['a name', 's3cret'],
    ['x'.repeat(101), 's3cret'],
    ['X-Line', 's3cret\r\nX-Evil: 1'],
    ['X-Blank', ' s3cret'],
    ['X-Letter', 's3crét'],
    ['X-Large', `s3cret${'x'.repeat(4096)}`],
  ] as const) {
    assert.throws(
      () => checkHeaders({ [name]: value }),
      (error: Error) => /^headers/.test(error.message) && !error.message.includes('s3cr'),
      name,
    );
  }
  assert.throws(() => checkHeaders({ 'X-A': '1', 'x-a': '2' }), /headers: expected each name once/);
});
