import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RETRY_MS, retry, retryFailures, retryUntilCommitted } from './retry.ts';

const never = new AbortController().signal;

function fakeTimers(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
}

/** Returns a function that fails `failures` times before it succeeds. */
function failing(failures: number) {
  let calls = 0;
  return mock.fn(async () => {
    calls += 1;
    if (calls <= failures) throw new Error(`failure ${calls}`);
    return calls;
  });
}

/** Advances the mocked clock until `promise` settles. Returns the milliseconds that have passed. */
async function elapsed(t: TestContext, promise: Promise<unknown>, stepMs = 1): Promise<number> {
  let isSettled = false;
  const settled = promise.then(
    () => undefined,
    () => undefined,
  );
  void settled.then(() => {
    isSettled = true;
  });
  let ms = 0;
  await nextTurn();
  while (!isSettled) {
    t.mock.timers.tick(stepMs);
    ms += stepMs;
    await nextTurn();
  }
  return ms;
}

test('each failure is retried after its delay, until a try succeeds', async (t) => {
  fakeTimers(t);
  const delays = [3, 5, 9];
  const delayAfter = (tried: PromiseSettledResult<number>) =>
    tried.status === 'fulfilled' ? null : (delays.shift() ?? 0);
  const result = retry(failing(3), { delayAfter, signal: never, onAbort: 'reject' });
  assert.equal(await elapsed(t, result), 3 + 5 + 9);
  assert.equal(await result, 4);
});

test('a result may be retried as a failure may', async (t) => {
  fakeTimers(t);
  const delayAfter = (tried: PromiseSettledResult<number>) =>
    tried.status === 'fulfilled' && tried.value < 3 ? 2 : null;
  let calls = 0;
  const result = retry(async () => ++calls, { delayAfter, signal: never, onAbort: 'reject' });
  assert.equal(await elapsed(t, result), 4);
  assert.equal(await result, 3);
});

test('an error that is not retried rejects at once', async () => {
  const work = failing(1);
  const result = retry(work, { delayAfter: () => null, signal: never, onAbort: 'reject' });
  await assert.rejects(result, /failure 1/);
  assert.equal(work.mock.callCount(), 1);
});

test('an abort ends the delay and rejects with its reason', async (t) => {
  fakeTimers(t);
  const stop = new AbortController();
  const work = failing(2);
  const result = retry(work, {
    delayAfter: retryFailures(1_000, () => stop.abort(new Error('stopped'))),
    signal: stop.signal,
    onAbort: 'reject',
  });
  await assert.rejects(result, /stopped/);
  assert.equal(work.mock.callCount(), 1);
});

test('an abort during a try does not take its result away', async () => {
  const stop = new AbortController();
  const work = async () => {
    stop.abort(new Error('stopped'));
    return 'done';
  };
  const delayAfter = retryFailures(1_000, () => {});
  assert.equal(await retry(work, { delayAfter, signal: stop.signal, onAbort: 'reject' }), 'done');
});

test('a commit is retried each second, and every failure is reported', async (t) => {
  fakeTimers(t);
  const failures: unknown[] = [];
  const result = retryUntilCommitted(failing(2), {
    onFailure: (error) => failures.push((error as Error).message),
    signal: never,
  });
  assert.equal(await elapsed(t, result, RETRY_MS), 2 * RETRY_MS);
  assert.equal(await result, 3);
  assert.deepEqual(failures, ['failure 1', 'failure 2']);
});

test('an abort gives a commit one last try at once', async (t) => {
  fakeTimers(t);
  for (const [failures, succeeds] of [
    [1, true],
    [2, false],
  ] as const) {
    const stop = new AbortController();
    const work = failing(failures);
    const result = retryUntilCommitted(work, { onFailure: () => stop.abort(), signal: stop.signal });
    if (succeeds) assert.equal(await result, 2);
    else await assert.rejects(result, /failure 2/);
    assert.equal(work.mock.callCount(), 2);
  }
});
