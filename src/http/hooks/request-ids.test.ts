import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestIds } from './request-ids.ts';

const idOf = (make: ReturnType<typeof requestIds>, given?: string) =>
  make({ headers: given === undefined ? {} : { 'x-request-id': given } });

test("a caller's own id is kept if it is acceptable", () => {
  const make = requestIds();
  for (const given of [
    'a',
    '018f2c1e-7a1b-7c3d-9e4f-0a1b2c3d4e5f',
    'Root=1-67891233-abc:1/2+3@4',
    'x'.repeat(128),
  ]) {
    assert.equal(idOf(make, given), given);
  }
});

test('any other request gets an id that is unique, also among servers', () => {
  const makers = [requestIds(), requestIds()];
  const given = [undefined, '', ' ', 'two words', 'x'.repeat(129), 'line\nbreak', '"quoted"', 'ü'];
  const ids = makers.flatMap((make) => given.map((text) => idOf(make, text)));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[\w-]{14,}$/);
});
