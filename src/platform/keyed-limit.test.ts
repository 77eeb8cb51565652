import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedLimit } from './keyed-limit.ts';

test('work is limited for each key and in total, and ended work makes room, whether it failed or not', async () => {
  const limit = new KeyedLimit({ perKey: 2, total: 3 });
  const works = Array.from({ length: 3 }, () => Promise.withResolvers<string>());
  const run = (key: string, nth: number) => limit.run(key, () => works[nth]?.promise ?? assert.fail());
  const first = run('a', 0);
  assert.equal(limit.reached('a'), null);
  const second = run('a', 1);
  assert.deepEqual([limit.reached('a'), limit.reached('b')], ['key', null]);
  const third = run('b', 2);
  assert.deepEqual([limit.reached('a'), limit.reached('b'), limit.reached('c')], ['key', 'total', 'total']);
  works[0]?.resolve('done');
  assert.equal(await first, 'done');
  assert.deepEqual([limit.reached('a'), limit.reached('c')], [null, null]);
  works[1]?.reject(new Error('it failed'));
  await assert.rejects(second, /it failed/);
  works[2]?.resolve('done');
  await third;
  assert.equal(limit.reached('b'), null);
});
