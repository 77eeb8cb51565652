import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopAll } from './lifecycle.ts';

test('after a step has failed the others still run', async () => {
  const ran: string[] = [];
  const failing = (name: string) => () => {
    ran.push(name);
    throw new Error(name);
  };
  const steps = [
    () => void ran.push('first'),
    failing('second'),
    async () => void ran.push('third'),
    failing('fourth'),
  ];
  await assert.rejects(stopAll(steps), (error: AggregateError) => {
    assert.deepEqual(
      error.errors.map(({ message }) => message),
      ['fourth', 'second'],
    );
    return true;
  });
  assert.deepEqual(ran, ['fourth', 'third', 'second', 'first']);
  await stopAll(steps);
  assert.equal(ran.length, 4);
  await assert.rejects(stopAll([failing('alone')]), /^Error: alone$/);
});
