import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

test('a test process with something left open is ended, and fails the run, which says what is open', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mediahooks-limit-'));
  const hanging = join(folder, 'hanging.mjs');
  const ending = join(folder, 'ending.mjs');
  await writeFile(
    hanging,
    "import { test } from 'node:test';\nimport { createServer } from 'node:net';\n" +
      "test('one', () => void createServer().listen(0, '127.0.0.1'));\n",
  );
  await writeFile(ending, "import { test } from 'node:test';\ntest('two', () => {});\n");
  const limit = `${join(import.meta.dirname, 'time-limit.ts')}?seconds=2`;

  // A process of the test runner tells its children that they are tests, which then report in binary form.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--import', limit, '--test', '--test-reporter=spec', hanging, ending];
  const ended = await run(process.execPath, args, { env, timeout: 30_000 }).catch((error) => error);
  assert.equal(ended.code, 1);
  assert.match(ended.stdout, /hanging\.mjs still ran after 2 s; open: .*TCPServerWrap/);
  assert.match(ended.stdout, /✖ [^\n]*hanging\.mjs/);
  assert.match(ended.stdout, /✔ two/);
  await rm(folder, { recursive: true });
});
