import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';

test('what was taken is gone, and its slot is used again', () => {
  const slots = new Slots<string>();
  const [first, second] = [slots.add('first'), slots.add('second')];
  assert.notEqual(first, second);
  assert.equal(slots.take(first), 'first');
  assert.equal(slots.take(first), null);
  assert.deepEqual([slots.size, slots.all()], [1, ['second']]);
  assert.equal(slots.add('third'), first);
  assert.deepEqual(slots.all(), ['third', 'second']);
  assert.equal(slots.take(second), 'second');
  assert.equal(slots.take(first), 'third');
  assert.equal(slots.size, 0);
});

test('a slot that never was has nothing in it, and is not given to two', () => {
  const slots = new Slots<string>();
  assert.equal(slots.take(7), null);
  assert.deepEqual([slots.add('first'), slots.add('second')], [0, 1]);
});
