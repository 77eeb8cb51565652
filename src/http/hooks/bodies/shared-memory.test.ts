import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedMemory } from './shared-memory.ts';

test('one client gets at most half, and others still get their share of the rest', () => {
  const memory = new SharedMemory(1_000);
  assert.equal(memory.take('a', 501), false);
  assert.equal(memory.take('a', 500), true);
  assert.equal(memory.take('a', 1), false);
  assert.equal(memory.take('b', 250), true);
  assert.equal(memory.take('b', 1), false);
  assert.equal(memory.take('c', 125), true);
  assert.equal(memory.used, 875);
});

test('however many clients there are, together they take no more than there is', () => {
  const memory = new SharedMemory(1_000);
  for (let client = 0; client < 100; client += 1) while (memory.take(`${client}`, 7));
  assert.ok(memory.used <= 1_000);
});

test('bytes that were returned can be taken again, by the same client and by others', () => {
  const memory = new SharedMemory(100);
  memory.take('a', 20);
  memory.take('a', 30);
  memory.give('a', 30);
  assert.equal(memory.take('b', 20), true);
  assert.equal(memory.take('a', 20), true);
  for (const [client, bytes] of [
    ['a', 20],
    ['a', 20],
    ['b', 20],
  ] as const)
    memory.give(client, bytes);
  assert.equal(memory.used, 0);
  assert.equal(memory.take('a', 50), true);
});
