import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncoderSlots } from './encoder-slots.ts';

const never = new AbortController().signal;

test('at most as many encodes run at once as there are slots', async () => {
  const slots = new EncoderSlots(2);
  let running = 0;
  let most = 0;
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const runs = gates.map((gate) =>
    slots.run(1, never, async () => {
      running += 1;
      most = Math.max(most, running);
      await gate.promise;
      running -= 1;
    }),
  );
  for (const gate of gates) gate.resolve();
  await Promise.all(runs);
  assert.equal(most, 2);
  assert.equal(running, 0);
});

test('the lowest priority number starts first, then the earliest arrival', async () => {
  const slots = new EncoderSlots(1);
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = slots.run(9, never, () => gate.promise);
  const rest = [
    slots.run(2, never, async () => void order.push('2a')),
    slots.run(3, never, async () => void order.push('3')),
    slots.run(1, never, async () => void order.push('1')),
    slots.run(2, never, async () => void order.push('2b')),
  ];
  gate.resolve();
  await Promise.all([first, ...rest]);
  assert.deepEqual(order, ['1', '2a', '2b', '3']);
});

test('an encode that is aborted while waiting leaves the queue, and a failure frees its slot', async () => {
  const slots = new EncoderSlots(1);
  const gate = Promise.withResolvers<void>();
  const first = slots.run(1, never, () => gate.promise);
  const controller = new AbortController();
  const aborted = slots.run(1, controller.signal, async () => assert.fail('must not run'));
  controller.abort(new Error('deleted'));
  await assert.rejects(aborted, /deleted/);
  gate.reject(new Error('broken'));
  await assert.rejects(first, /broken/);
  assert.equal(await slots.run(1, never, async () => 'ran'), 'ran');
});
