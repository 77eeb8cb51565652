import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../../platform/testing/eventually.ts';
import { LiveResources } from '../../../platform/testing/live-resources.ts';
import { type ChildOptions, runChild } from './child-process.ts';
import { Launcher } from './launcher.ts';

const never = new AbortController().signal;

/** Runs a program that prints the process id of its parent, and returns it. */
async function parentOf(launcher: Launcher): Promise<number> {
  const lines: string[] = [];
  const options: ChildOptions = { signal: never, onLine: (line) => lines.push(line) };
  await launcher.run('/bin/sh', ['-c', 'echo $PPID'], options);
  return Number(lines[0]);
}

/** Returns the milliseconds of a processor that this thread needs for each of some runs. */
async function costOf(run: typeof runChild): Promise<number> {
  const RUNS = 8;
  await run('/bin/true', [], { signal: never });
  let cpu = 0;
  for (let n = 0; n < RUNS; n += 1) {
    const before = process.threadCpuUsage();
    await run('/bin/true', [], { signal: never });
    const { user, system } = process.threadCpuUsage(before);
    cpu += user + system;
  }
  return cpu / 1_000 / RUNS;
}

test('a process with much memory starts programs through the launcher for a fraction of what a fork costs', async () => {
  // Writes to each page, because the kernel copies only the page tables of memory that is in use.
  const memory = Buffer.alloc(256 * 1024 * 1024, 1);
  const launcher = new Launcher();
  const forked = await costOf(runChild);
  const launched = await costOf((...args) => launcher.run(...args));
  await launcher.end();
  assert.ok(launched < forked / 2, `${launched} ms with the launcher, ${forked} ms with a fork`);
  assert.equal(memory[0], 1);
});

test('programs share a launcher, which ends when none has run for some time', async () => {
  const launcher = new Launcher(50);
  const parent = await parentOf(launcher);
  assert.equal(await parentOf(launcher), parent);
  await eventually('the launcher has ended', async () => !isAlive(parent));
  const next = await parentOf(launcher);
  assert.notEqual(next, parent);
  await launcher.end();
  assert.ok(!isAlive(next));
});

test('the end of a launcher leaves nothing alive, and does not end the programs of other callers', async () => {
  using resources = new LiveResources();
  const launcher = new Launcher();
  await launcher.end();
  const abort = new AbortController();
  const ended = launcher.run('/bin/sleep', ['1000'], { signal: abort.signal });
  await launcher.end();
  abort.abort();
  assert.equal((await ended).aborted, true);
  await launcher.end();
  assert.deepEqual(await resources.list(), []);
});

test('a program whose launcher is killed was killed from outside, and the next one gets a new launcher', async () => {
  const launcher = new Launcher();
  const parent = await parentOf(launcher);
  const ended = launcher.run('/bin/sleep', ['1000'], { signal: never });
  process.kill(parent, 'SIGKILL');
  const { exitCode, endSignal, aborted } = await ended;
  assert.deepEqual([exitCode, endSignal, aborted], [null, 'SIGKILL', false]);
  assert.notEqual(await parentOf(launcher), parent);
  await launcher.end();
});

test('a launcher holds back a program whose lines are not taken', async () => {
  const launcher = new Launcher();
  const parent = await parentOf(launcher);
  let bytes = 0;
  let isBlocked = false;
  const onLine = (line: string) => {
    bytes += line.length + 1;
    // The service is busy and takes no messages.
    if (!isBlocked) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    isBlocked = true;
  };
  const script = `yes ${'a'.repeat(999)} | head -c 100000000`;
  const { exitCode } = await launcher.run('/bin/sh', ['-c', script], { signal: never, onLine });
  assert.deepEqual([exitCode, bytes], [0, 100_000_000]);
  const status = await readFile(`/proc/${parent}/status`, 'utf8').catch(() => '');
  const peakKib = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  assert.ok(peakKib < 120 * 1024, `${peakKib} KiB`);
  await launcher.end();
});

/** Takes a line as slowly as a busy service does. */
function takeSlowly(): void {
  const until = performance.now() + 0.001;
  while (performance.now() < until);
}

const MANY_LINES = ['-c', 'seq 1 40000'];

test('a program that ends while it is held back harms neither the launcher nor the programs beside it', async () => {
  const launcher = new Launcher();
  const parent = await parentOf(launcher);
  const run = () => launcher.run('/bin/sh', MANY_LINES, { signal: never, onLine: takeSlowly });
  for (let round = 0; round < 2; round += 1) {
    const ends = await Promise.all(Array.from({ length: 6 }, run));
    assert.deepEqual(new Set(ends.map(({ exitCode, endSignal }) => exitCode ?? endSignal)), new Set([0]));
  }
  assert.equal(await parentOf(launcher), parent);
  await launcher.end();
});

test('a program that is started when a launcher has just ended gets a new one', async () => {
  for (let round = 0; round < 3; round += 1) {
    const launcher = new Launcher();
    const parent = await parentOf(launcher);
    const run = () => launcher.run('/bin/sh', MANY_LINES, { signal: never, onLine: takeSlowly });
    const running = Array.from({ length: 6 }, run);
    await delay(120);
    process.kill(parent, 'SIGKILL');
    // The service is busy while the launcher ends. Lines that it has not read yet keep the channel open.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    const ends = await Promise.all(running);
    assert.ok(ends.some(({ endSignal }) => endSignal === 'SIGKILL'));
    const next = launcher.run('/bin/true', [], { signal: never });
    const late = delay(10_000, null, { ref: false });
    assert.equal((await Promise.race([next, late]))?.exitCode, 0);
    await launcher.end();
  }
});

test('programs run without a launcher where none can be started', async (t) => {
  const { execPath } = process;
  t.after(() => {
    process.execPath = execPath;
  });
  process.execPath = '/nonexistent';
  assert.equal(await parentOf(new Launcher()), process.pid);
});

test('a launcher ignores the signals that a supervisor sends to all processes of the service', async () => {
  const launcher = new Launcher();
  const parent = await parentOf(launcher);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(parent, signal);
  assert.equal(await parentOf(launcher), parent);
  await launcher.end();
});

test('an idle launcher keeps no process alive, and ends with it', async () => {
  const module = JSON.stringify(new URL('./launcher.ts', import.meta.url).href);
  const script = `const { launcher } = await import(${module});
    const onLine = (line) => console.log(line);
    await launcher.run('/bin/sh', ['-c', 'echo $PPID'], { signal: new AbortController().signal, onLine });`;
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const service = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: [...stdio] });
  const [text] = await once(service.stdout, 'data');
  await once(service, 'close');
  await eventually('the launcher has ended', async () => !isAlive(Number(text)));
});

test('a launcher has nothing of the environment of the service except where programs are', async () => {
  process.env.MEDIAHOOKS_METRICS_TOKEN = 'sixteen-letters!';
  const launcher = new Launcher();
  try {
    const environment = await readFile(`/proc/${await parentOf(launcher)}/environ`, 'utf8').catch(() => '');
    assert.ok(!environment.includes('MEDIAHOOKS'));
  } finally {
    delete process.env.MEDIAHOOKS_METRICS_TOKEN;
    await launcher.end();
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
