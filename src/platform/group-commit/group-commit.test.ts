import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GroupCommit } from './group-commit.ts';

/** Each item has a key of its own. */
const options = (maxItems: number) => ({ maxItems, keyOf: String });

test('callers of one turn share a commit, and each gets the results of its own items', async () => {
  const commits: number[][] = [];
  const group = new GroupCommit<number, number>(async (items) => {
    commits.push([...items]);
    return items.map((item) => item * 10);
  }, options(100));
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
  }, options(100));
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
  }, options(3));
  await Promise.all([group.add([1, 2]), group.add([3, 4]), group.add([5, 6, 7, 8, 9]), group.add([10])]);
  assert.deepEqual(commits, [2, 2, 5, 1]);
});

test('what a commit leaves is committed next, before what came later', async () => {
  const commits: [number[], number[]][] = [];
  const group = new GroupCommit<number, number>(async (items, sizes) => {
    commits.push([[...items], [...sizes]]);
    return items.slice(0, sizes[0]);
  }, options(4));
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
  }, options(1));
  const [bad, good] = await Promise.allSettled([group.add(['bad']), group.add(['good'])]);
  assert.equal(bad?.status, 'rejected');
  assert.deepEqual(good, { status: 'fulfilled', value: ['good'] });
});

test('many callers get their results over several turns of the event loop, in order, and before it is idle', async () => {
  const commits = new GroupCommit<number, number>(async (items) => items, options(1_000));
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

/** Commits at most `most` items at once. Items have the names of their keys, and a number. */
function splitting(most: number, fails = (_items: readonly string[]) => false) {
  const commits: string[] = [];
  const commit = async (items: readonly string[]) => {
    const some = items.slice(0, most);
    if (fails(some)) throw new Error('full');
    commits.push(some.join(' '));
    return some;
  };
  return {
    commits,
    group: new GroupCommit<string, string>(commit, { maxItems: 4, keyOf: (item) => item[0] ?? '' }),
  };
}

test('a caller whose items take several commits lets others pass, except for those with the same keys', async () => {
  const { commits, group } = splitting(2);
  const long = ['a1', 'b1', 'b2', 'a2', 'a3'];
  const callers = [long, ['c1'], ['b3', 'd1'], ['d2'], ['e1']].map((items) => group.add(items));
  assert.deepEqual(await Promise.all(callers), [long, ['c1'], ['b3', 'd1'], ['d2'], ['e1']]);
  // The call of d2 waits, too, because it must not overtake d1.
  assert.deepEqual(commits, ['a1 b1', 'c1 e1', 'b2 a2', 'a3', 'b3 d1', 'd2']);
  assert.equal(group.waiting, 0);
  await group.idle();
});

test('two callers whose items take several commits take turns', async () => {
  const { commits, group } = splitting(1);
  await Promise.all([group.add(['a1', 'a2', 'a3']), group.add(['b1', 'b2', 'b3'])]);
  assert.deepEqual(commits, ['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
});

test('a commit that fails rejects a caller of whom earlier items are committed, and keeps no trace of it', async () => {
  const { commits, group } = splitting(2, (items) => items.includes('a3'));
  const [long, other] = await Promise.allSettled([
    group.add(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']),
    group.add(['b1']),
  ]);
  assert.equal(long.status, 'rejected');
  assert.deepEqual(other, { status: 'fulfilled', value: ['b1'] });
  assert.equal(group.waiting, 0);
  assert.deepEqual(await group.add(['a8', 'a9']), ['a8', 'a9']);
  assert.deepEqual(commits, ['a1 a2', 'b1', 'a8 a9']);
});
