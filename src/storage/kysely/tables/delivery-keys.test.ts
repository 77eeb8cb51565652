import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryId, parseDeliveryId } from './delivery-keys.ts';

test('an id is a UUID of version 8 that tells when the delivery was created, and its number', () => {
  assert.equal(deliveryId(0xabcdef, 0x0123456789ab), '01234567-89ab-8000-8000-000000abcdef');
  for (const [seq, createdAt] of [
    [1, 0],
    [42, 1_795_611_359_123],
    [Number.MAX_SAFE_INTEGER, 2 ** 48 - 1],
  ] as const) {
    assert.deepEqual(parseDeliveryId(deliveryId(seq, createdAt)), { seq, createdAt });
  }
});

test('ids grow with time, and with the number at the same time', () => {
  const ids = [deliveryId(9, 1_000), deliveryId(10, 1_000), deliveryId(11, 1_001), deliveryId(2, 70_000)];
  assert.deepEqual(ids.toSorted(), ids);
});

test('a text that is not an id has no parts', () => {
  for (const text of [
    '',
    '42',
    '01234567-89ab-7000-8000-000000abcdef',
    `${deliveryId(1, 1)}0`,
    'not-a-uuid',
  ]) {
    assert.equal(parseDeliveryId(text), null);
  }
});
