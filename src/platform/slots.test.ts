import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';

test('a removed item is gone, and its slot is reused', () => {
  const slots = new Slots<string>();
  const [first, second] = [slots.add('first'), slots.add('second')];
  assert.notEqual(first, second);
  assert.equal(slots.remove(first), 'first');
  assert.equal(slots.remove(first), null);
  assert.deepEqual([slots.size, slots.all()], [1, ['second']]);
  assert.equal(slots.add('third'), first);
  assert.deepEqual(slots.all(), ['third', 'second']);
  assert.equal(slots.remove(second), 'second');
  assert.equal(slots.remove(first), 'third');
  assert.equal(slots.size, 0);
});

test('a slot that was never used is empty, and is not used for two items', () => {
  const slots = new Slots<string>();
  assert.equal(slots.remove(7), null);
  assert.deepEqual([slots.add('first'), slots.add('second')], [0, 1]);
});
