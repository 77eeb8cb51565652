import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundWork } from './background-work.ts';

test('work is begun once, and a stop waits for its end', async () => {
  const work = Promise.withResolvers<void>();
  let runs = 0;
  const background = new BackgroundWork(() => {
    runs += 1;
    return work.promise;
  });
  await background.start();
  await background.start();
  assert.equal(runs, 1);
  let isStopped = false;
  const stopped = background.stop().then(() => {
    isStopped = true;
  });
  assert.ok(background.signal.aborted);
  await new Promise(setImmediate);
  assert.equal(isStopped, false);
  work.reject(new Error('interrupted'));
  await stopped;
});

test('work that was stopped before its start never begins', async () => {
  const background = new BackgroundWork(async () => assert.fail('the work has begun'));
  await background.stop();
  await background.start();
});
