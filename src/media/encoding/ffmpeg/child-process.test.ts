import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../../../platform/testing/eventually.ts';
import { type ChildBounds, canBoundChildren, childEnvironment, runChild } from './child-process.ts';
import { Launcher } from './launcher.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'child-process-'));
});
const launcher = new Launcher();
after(async () => {
  await launcher.end();
  await rm(dir, { recursive: true });
});

const never = new AbortController().signal;

let pipes = 0;
/**
 * Makes a pipe that a child opens as its descriptor 9 and writes its process id to. The pipe ends when the child is
 * gone, however it was killed.
 */
async function lifeline(name: string) {
  pipes += 1;
  const path = join(dir, `${name}-${pipes}`);
  execFileSync('mkfifo', [path]);
  const args = ['-c', `exec 9>${path}; echo $$ >&9; exec sleep 1000`];
  const opened = async () => {
    const pipe = await open(path);
    const stream = pipe.createReadStream({ encoding: 'utf8' });
    const pid = Number(
      await new Promise<string>((resolve) => stream.once('data', (text) => resolve(`${text}`))),
    );
    const gone = new Promise<void>((resolve) => stream.once('close', () => resolve()));
    return { pid, gone };
  };
  return { args, opened };
}

const isNice = (group: string) => group.trim().endsWith(' nice 10');

async function niceness(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.split(') ')[1]?.split(' ')[16]);
}

const bounds: ChildBounds = { timeMs: 60_000, memoryBytes: 2 ** 32, fileBytes: 2 ** 32 };
const needsPrlimit = canBoundChildren() ? false : 'there is no prlimit here';

const STARTERS = {
  'started by this process': runChild,
  'started by the launcher': (...args: Parameters<typeof runChild>) => launcher.run(...args),
};

for (const [by, run] of Object.entries(STARTERS)) {
  test(`${by}: an aborted child is gone when the promise resolves`, async (t) => {
    const { args, opened } = await lifeline('aborted');
    const abort = new AbortController();
    // A child that is left would keep this process alive by its pipe.
    t.after(() => abort.abort());
    const ended = run('/bin/sh', args, { signal: abort.signal });
    const { pid, gone } = await opened();
    // The child can run before its starter has lowered its priority.
    await eventually('the child is nice', async () => (await niceness(pid)) === 10);
    // Without the niceness of its group, the child would get as much time as the whole service.
    const group = `/proc/${pid}/autogroup`;
    if (existsSync(group))
      await eventually('the group is nice', async () => isNice(await readFile(group, 'utf8')));
    abort.abort();
    const end = await ended;
    assert.deepEqual([end.aborted, end.endSignal, existsSync(`/proc/${pid}`)], [true, 'SIGKILL', false]);
    await gone;
  });

  test(`${by}: a child that another process kills is not aborted`, async () => {
    const { args, opened } = await lifeline('killed');
    const ended = run('/bin/sh', args, { signal: never });
    process.kill((await opened()).pid, 'SIGKILL');
    const end = await ended;
    assert.deepEqual([end.aborted, end.endSignal], [false, 'SIGKILL']);
  });

  test(`${by}: lines of stdout are reported as they come, and the end of stderr is kept`, async () => {
    const lines: string[] = [];
    const script = "printf 'a\\nb'; head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 3";
    const end = await run('/bin/sh', ['-c', script], {
      signal: never,
      onLine: (line) => lines.push(line),
    });
    assert.deepEqual(lines, ['a', 'b']);
    assert.deepEqual([end.exitCode, end.stderr.length, end.stderr.slice(-5)], [3, 4096, 'xend\n']);
  });

  test(`${by}: a program that cannot be started rejects`, async () => {
    await assert.rejects(run(join(dir, 'missing'), [], { signal: never }), /could not be started/);
  });

  test(`${by}: a child whose time is over is killed with all its own children`, async () => {
    const { args, opened } = await lifeline('overdue');
    // The shell waits for its own child, which a kill of the shell alone would leave.
    const script = `/bin/sh -c "$1" & wait`;
    const ended = run('/bin/sh', ['-c', script, 'sh', args[1] ?? ''], {
      signal: never,
      bounds: { ...bounds, timeMs: 300 },
    });
    const { gone } = await opened();
    const end = await ended;
    assert.deepEqual([end.timedOut, end.aborted, end.endSignal], [true, false, 'SIGKILL']);
    await gone;
  });

  test(`${by}: a child gets no more memory than its bound`, { skip: needsPrlimit }, async () => {
    const script = 'ulimit -v; ulimit -f; ulimit -c';
    const lines: string[] = [];
    await run('/bin/sh', ['-c', script], { signal: never, bounds, onLine: (line) => lines.push(line) });
    // The units are KiB, blocks of 512 bytes, and blocks.
    assert.deepEqual(lines, [String(2 ** 22), String(2 ** 23), '0']);
  });

  test(`${by}: a file beyond its bound ends the child`, { skip: needsPrlimit }, async () => {
    const file = join(dir, `large ${by}`);
    const end = await run('/bin/sh', ['-c', `exec head -c 100000 /dev/zero > '${file}'`], {
      signal: never,
      bounds: { ...bounds, fileBytes: 5000 },
    });
    assert.equal(end.endSignal, 'SIGXFSZ');
    assert.equal((await readFile(file)).length, 5000);
  });

  test(`${by}: a bound that cannot be set is not the file’s fault`, { skip: needsPrlimit }, async () => {
    const options = { signal: never, bounds: { ...bounds, memoryBytes: Number.NaN } };
    await assert.rejects(run('/bin/true', [], options), /could not be started: prlimit/);
  });
}

const EXPORTS = { 'child-process.ts': 'runChild', 'launcher.ts': 'launcher.run' };

for (const [file, run] of Object.entries(EXPORTS)) {
  test(`a child of ${run} dies with a service that is killed with -9`, async (t) => {
    if (!existsSync('/usr/bin/setpriv'))
      return t.skip('there is no setpriv here to bind a child to its parent');
    const { args, opened } = await lifeline('orphan');
    const module = JSON.stringify(new URL(file, import.meta.url).href);
    const script = `const { runChild, launcher } = await import(${module});
      await ${run}('/bin/sh', ${JSON.stringify(args)}, { signal: new AbortController().signal });`;
    const service = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    const { pid, gone } = await opened();
    service.kill('SIGKILL');
    await gone;
    assert.ok(pid !== service.pid);
  });
}

test('a child sees nothing of our environment except where programs are', async () => {
  const ours = {
    PATH: '/usr/bin:/bin',
    NODE_OPTIONS: 'x',
    MALLOC_ARENA_MAX: '1',
    FFREPORT: 'x',
    SECRET: 'x',
  };
  assert.deepEqual(childEnvironment(ours), { PATH: ours.PATH, LC_ALL: 'C', GCONV_PATH: '/nonexistent' });
  process.env.MEDIAHOOKS_METRICS_TOKEN = 'sixteen-letters!';
  try {
    const lines: string[] = [];
    await runChild('/usr/bin/env', [], { signal: never, onLine: (line) => lines.push(line) });
    const names = lines.map((line) => line.split('=')[0] ?? '');
    assert.deepEqual(
      names.filter((name) => !['PATH', 'LD_LIBRARY_PATH', 'TMPDIR', 'LC_ALL', 'GCONV_PATH'].includes(name)),
      [],
    );
  } finally {
    delete process.env.MEDIAHOOKS_METRICS_TOKEN;
  }
});
