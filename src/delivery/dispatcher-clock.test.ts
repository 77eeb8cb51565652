import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setUpDispatcher, turns } from './testing/dispatching.ts';

const HOUR_MS = 3_600_000;

test('after a suspension of the machine, overdue retries and probes are sent at once', async (t) => {
  const { queue, attempts, dispatcher } = await setUpDispatcher(t);
  dispatcher.offer(queue.commit('retried', 'm1'));
  await attempts.untilBegun(1);
  attempts.answer('pending');
  for (let n = 0; n < 10; n += 1) dispatcher.offer(queue.commit('silent', `m${n}`));
  await attempts.untilBegun(11);
  while (attempts.inFlight.length > 0) attempts.fail('pending', 'silent');
  await turns();
  assert.equal(dispatcher.circuits.of('silent').state, 'open');
  // The clock steps forward, and no timer fires.
  t.mock.timers.setTime(Date.now() + HOUR_MS);
  assert.equal(attempts.begun.length, 11);
  dispatcher.catchUp();
  t.mock.timers.tick(50);
  await turns();
  assert.deepEqual(attempts.inFlight.map(({ delivery }) => delivery.webhook.id).toSorted(), [
    'retried',
    'silent',
  ]);
});
