import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedMutex } from './keyed-mutex.ts';

/** Returns a function that logs its start and its end, and that ends when `end` is called. */
function controlled(name: string, log: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = async () => {
    log.push(`${name} starts`);
    return promise.finally(() => log.push(`${name} ends`));
  };
  return { work, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

test('work with the same key runs one after another, even after a failure', async () => {
  const mutex = new KeyedMutex();
  const log: string[] = [];
  const [a, b, c] = ['a', 'b', 'c'].map((name) => controlled(name, log)) as [
    Controlled,
    Controlled,
    Controlled,
  ];
  const results = [a, b, c].map(({ work }) => mutex.runExclusive('key', work));
  c.end();
  b.end();
  a.fail();
  await assert.rejects(results[0] as Promise<string>, /a/);
  assert.deepEqual(await Promise.all(results.slice(1)), ['b', 'c']);
  assert.deepEqual(log, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

type Controlled = ReturnType<typeof controlled>;

test('work with another key, or of another mutex, does not wait', async () => {
  const mutex = new KeyedMutex();
  const log: string[] = [];
  const first = controlled('first', log);
  const running = mutex.runExclusive('key', first.work);
  assert.equal(await mutex.runExclusive('other', async () => 'other'), 'other');
  assert.equal(await new KeyedMutex().runExclusive('key', async () => 'another'), 'another');
  assert.deepEqual(log, ['first starts']);
  first.end();
  assert.equal(await running, 'first');
});
