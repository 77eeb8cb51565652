import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from './testing/eventually.ts';

const MODULE = new URL('./idle-memory.ts', import.meta.url).href;

/** Fills the heap, lets go of what it was filled with, does nothing for a while, and prints what is left of it in MiB. */
const PROGRAM = `
  import v8 from 'node:v8';
  import { setTimeout as delay } from 'node:timers/promises';
  import { giveBackWhenIdle } from '${MODULE}';
  const mebibytes = () => v8.getHeapStatistics().total_physical_size / 2 ** 20;
  const stop = giveBackWhenIdle();
  let kept = Array.from({ length: 400_000 }, (_, n) => ({ text: String(n), more: [n] }));
  const full = mebibytes();
  kept = null;
  await delay(5_000);
  stop();
  console.log(JSON.stringify({ full, idle: mebibytes() }));`;

async function heapOf(...options: string[]): Promise<{ full: number; idle: number }> {
  const args = [...options, '--input-type=module', '--eval', PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

test('a thread that has nothing to do gives back what it does not need', async () => {
  const [exposed, hidden] = await Promise.all([heapOf('--expose-gc'), heapOf()]);
  assert.ok(exposed.full > 40, `${exposed.full} MiB in use`);
  assert.ok(exposed.idle < exposed.full / 3, `${exposed.idle} MiB are left of ${exposed.full}`);
  // By itself V8 would have kept it.
  assert.ok(hidden.idle > hidden.full / 2, `${hidden.idle} MiB are left of ${hidden.full}`);
});

test('what was compiled is there for the next start, though the process is killed', async (t) => {
  const cache = await mkdtemp(join(tmpdir(), 'mediahooks-compiled-'));
  t.after(() => rm(cache, { recursive: true }));
  const program = `
    import { giveBackWhenIdle } from '${MODULE}';
    giveBackWhenIdle();
    setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '--eval', program], {
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    stdio: 'inherit',
  });
  t.after(() => child.kill('SIGKILL'));
  const filesKept = async () =>
    (await readdir(cache, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  await eventually('something is kept', async () => (await filesKept()).length > 0);
  child.kill('SIGKILL');
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
});
