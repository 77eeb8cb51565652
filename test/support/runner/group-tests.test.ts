import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { distribute, entryOf } from './group-tests.ts';

const run = promisify(execFile);

test('each file belongs to exactly one group, no group is empty, and the groups cost about the same', () => {
  const costs: Record<string, number> = { a: 1, b: 2, c: 9, d: 3, e: 3 };
  const cost = (file: string) => costs[file] ?? assert.fail(file);
  assert.deepEqual(distribute(['a', 'b', 'c', 'd', 'e'], 2, cost), [['c'], ['d', 'e', 'b', 'a']]);
  assert.deepEqual(distribute(['a', 'b', 'c', 'd', 'e'], 3, cost), [['c'], ['d', 'b'], ['e', 'a']]);
  assert.deepEqual(distribute(['a'], 3, cost), [['a']]);
});

test('files of a group run in one process, each with its own hooks, and a failure names its file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mediahooks-groups-'));
  const first = join(folder, 'first.mjs');
  const second = join(folder, 'second.mjs');
  const start = "import { beforeEach, test } from 'node:test';\n";
  await writeFile(
    first,
    `${start}beforeEach(() => console.log('hook of the first'));\ntest('one', () => {});`,
  );
  await writeFile(second, `${start}test('two', () => { throw new Error(String(process.pid)); });`);
  const entry = join(folder, 'entry.mjs');
  await writeFile(entry, entryOf([first, second]));

  // A process of the test runner tells its children that they are tests, which then report in binary form.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const ended = await run(process.execPath, ['--test-reporter=spec', entry], { env }).catch((error) => error);
  assert.equal(ended.code, 1);
  assert.equal(ended.stdout.match(/hook of the first/g)?.length, 1);
  assert.match(ended.stdout, /✖ [^\n]*second\.mjs/);
  assert.match(ended.stdout, /✔ one/);
  await rm(folder, { recursive: true });
});

test('the program writes one entry a group', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mediahooks-groups-'));
  const program = join(import.meta.dirname, 'group-tests.ts');
  await run(process.execPath, [
    program,
    folder,
    '2',
    'test/support/runner/*.test.ts',
    'src/platform/*.test.ts',
  ]);
  assert.deepEqual((await readdir(folder)).sort(), ['group-001.mjs', 'group-002.mjs']);
  await rm(folder, { recursive: true });
});
