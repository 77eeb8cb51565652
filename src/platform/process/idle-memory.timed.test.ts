import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../testing/eventually.ts';

const programs = join(import.meta.dirname, 'testing');

/** Returns the size of a heap in MiB, when it is full and after it was idle for a while. */
async function heapOf(...options: string[]): Promise<{ full: number; idle: number }> {
  const args = [...options, join(programs, 'filled-heap.ts')];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

test('a thread that is idle releases the memory that it does not need', async () => {
  const [exposed, hidden] = await Promise.all([heapOf('--expose-gc'), heapOf()]);
  assert.ok(exposed.full > 40, `${exposed.full} MiB in use`);
  assert.ok(exposed.idle < exposed.full / 3, `${exposed.idle} MiB are left of ${exposed.full}`);
  // Without the collection, V8 would have kept the memory.
  assert.ok(hidden.idle > hidden.full / 2, `${hidden.idle} MiB are left of ${hidden.full}`);
});

test('an idle thread collects once, although a collection itself takes long', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(programs, 'costly-collections.ts')]);
  assert.equal(stdout, '1');
});

test('compiled code is there for the next start, though the process is killed', async (t) => {
  const cache = await mkdtemp(join(tmpdir(), 'mediahooks-compiled-'));
  t.after(() => rm(cache, { recursive: true }));
  const child = spawn(process.execPath, ['--expose-gc', join(programs, 'idle-forever.ts')], {
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    stdio: 'inherit',
  });
  t.after(() => child.kill('SIGKILL'));
  const cachedFiles = async () =>
    (await readdir(cache, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  await eventually('something is kept', async () => (await cachedFiles()).length > 0);
  child.kill('SIGKILL');
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
});
