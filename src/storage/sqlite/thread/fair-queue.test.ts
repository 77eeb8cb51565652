import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairQueue, type FairQueueOptions } from './fair-queue.ts';

const T0 = 1_000;

function newQueue(options: Partial<FairQueueOptions> = {}): FairQueue<string> {
  return new FairQueue({ share: 1, burstMs: Number.POSITIVE_INFINITY, mostWaiting: 100, ...options });
}

/** Takes all tasks that may begin, each of which uses `ms`. Returns their names. */
function takeAll(queue: FairQueue<string>, ms: number): string {
  const names: string[] = [];
  for (let next = queue.take(T0); next; next = queue.take(T0)) {
    names.push(next.task);
    queue.charge(next.account, ms, T0);
  }
  return names.join(' ');
}

test('accounts take turns, however many tasks one of them has', () => {
  const queue = newQueue();
  for (const task of ['a1', 'a2', 'a3', 'a4']) queue.add('a', task);
  queue.add('b', 'b1');
  queue.add('c', 'c1');
  queue.add('b', 'b2');
  assert.equal(takeAll(queue, 1), 'a1 b1 c1 a2 b2 a3 a4');
});

test('the account that has used the least time comes first', () => {
  const queue = newQueue();
  queue.charge('a', 100, T0);
  queue.charge('b', 10, T0);
  for (const account of ['a', 'b', 'c']) queue.add(account, account);
  assert.equal(takeAll(queue, 1), 'c b a');
});

test('a task that has begun waits for the tasks of its account that have not', () => {
  const queue = newQueue();
  queue.addAgain('a', 'long 1');
  queue.addAgain('a', 'long 2');
  queue.add('a', 'short');
  assert.equal(takeAll(queue, 1), 'short long 1 long 2');
});

test('an account that has used up its share waits, and the service itself never does', () => {
  const queue = newQueue({ share: 1 / 4, burstMs: 10 });
  for (const account of ['a', 'b', null]) {
    queue.charge(account, 11, T0);
    queue.add(account, String(account));
  }
  queue.charge('b', 9, T0);
  assert.equal(takeAll(queue, 1), 'null');
  // The millisecond above the burst takes four milliseconds to pay off with a quarter of the time.
  assert.equal(queue.untilNextMs(T0), 4);
  assert.equal(queue.take(T0 + 3), null);
  assert.deepEqual(queue.take(T0 + 4), { account: 'a', task: 'a' });
  queue.liftShares();
  assert.deepEqual(queue.take(T0 + 4), { account: 'b', task: 'b' });
  assert.equal(queue.untilNextMs(T0), null);
});

test('a task above the maximum of its account is refused, and says when to retry', () => {
  const queue = newQueue({ mostWaiting: 2 });
  for (const task of ['a1', 'a2']) queue.add('a', task);
  assert.throws(() => queue.add('a', 'a3'), {
    name: 'ServiceError',
    code: 'rate_limited',
    retryAfterS: 1,
    message: /too many requests of this account wait for the database/,
  });
  queue.add('b', 'b1');
  for (let n = 0; n < 3; n += 1) queue.add(null, 'own');
  assert.equal(takeAll(queue, 1), 'a1 b1 own a2 own own');
});

test('the memory of accounts that have paid off their time is released', () => {
  const queue = newQueue();
  for (let n = 0; n < 5_000; n += 1) queue.charge(`account ${n}`, 1, T0 + n);
  assert.ok(queue.remembered <= 1_001, `${queue.remembered}`);
});
