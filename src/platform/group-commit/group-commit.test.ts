import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GroupCommit } from './group-commit.ts';

test('callers of one turn share a commit, and each gets the results of its own items', async () => {
  const commits: number[][] = [];
  const group = new GroupCommit<number, number>(async (items) => {
    commits.push([...items]);
    return items.map((item) => item * 10);
  }, 100);
  const results = await Promise.all([group.add([1]), group.add([2, 3]), group.add([4])]);
  assert.deepEqual(results, [[10], [20, 30], [40]]);
  assert.deepEqual(commits, [[1, 2, 3, 4]]);
});

test('items added during a commit are gathered for the next one', async () => {
  const commits: number[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const began = Promise.withResolvers<void>();
  const group = new GroupCommit<number, number>(async (items) => {
    commits.push(items.length);
    began.resolve();
    await gates[commits.length - 1]?.promise;
    return [...items];
  }, 100);
  const first = group.add([1]);
  await began.promise;
  const rest = [group.add([2]), group.add([3]), group.add([4])];
  assert.equal(group.waiting, 3);
  gates[0]?.resolve();
  await first;
  gates[1]?.resolve();
  await Promise.all(rest);
  assert.deepEqual(commits, [1, 3]);
  await group.idle();
  assert.equal(group.waiting, 0);
});

test('a commit takes no more than its maximum, but never splits one caller', async () => {
  const commits: number[] = [];
  const group = new GroupCommit<number, number>(async (items) => {
    commits.push(items.length);
    return [...items];
  }, 3);
  await Promise.all([group.add([1, 2]), group.add([3, 4]), group.add([5, 6, 7, 8, 9]), group.add([10])]);
  assert.deepEqual(commits, [2, 2, 5, 1]);
});

test('what a commit leaves is committed next, before what came later, and no caller is split', async () => {
  const commits: [number[], number[]][] = [];
  const group = new GroupCommit<number, number>(async (items, sizes) => {
    commits.push([[...items], [...sizes]]);
    return items.slice(0, sizes[0]);
  }, 4);
  const results = [group.add([1]), group.add([2, 3]), group.add([4])];
  await results[0];
  results.push(group.add([5]));
  assert.deepEqual(await Promise.all(results), [[1], [2, 3], [4], [5]]);
  assert.deepEqual(
    commits.map(([items]) => items[0]),
    [1, 2, 4, 5],
  );
  assert.deepEqual(commits[0], [
    [1, 2, 3, 4],
    [1, 2, 1],
  ]);
  assert.equal(group.waiting, 0);
});

test('a failed commit rejects its own callers only', async () => {
  const group = new GroupCommit<string, string>(async (items) => {
    if (items.includes('bad')) throw new Error('full');
    return [...items];
  }, 1);
  const [bad, good] = await Promise.allSettled([group.add(['bad']), group.add(['good'])]);
  assert.equal(bad?.status, 'rejected');
  assert.deepEqual(good, { status: 'fulfilled', value: ['good'] });
});

test('many callers get their results over several turns of the event loop, in order, and before it is idle', async () => {
  const commits = new GroupCommit<number, number>(async (items) => items, 1_000);
  const answered: number[] = [];
  const callers = Array.from({ length: 300 }, async (_, n) => answered.push(...(await commits.add([n]))));
  await callers[0];
  assert.ok(answered.length < 300, 'not all in the turn of the first');
  await commits.idle();
  await Promise.all(callers.slice(0, -1));
  assert.deepEqual(
    answered,
    Array.from({ length: 300 }, (_, n) => n),
  );
});
