import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const isLinux = process.platform === 'linux';
const skip = isLinux ? false : 'only Linux has a niceness for each thread';
const module = JSON.stringify(new URL('./priority.ts', import.meta.url).href);

/** Runs a script in a process of its own. Returns the niceness of each of its threads at the end, sorted. */
function nicenessOfThreads(script: string): number[] {
  const source = `
    const { readFileSync, readdirSync } = await import('node:fs');
    const { readFile } = await import('node:fs/promises');
    const { Worker } = await import('node:worker_threads');
    const { once } = await import('node:events');
    // Starts the threads that read files.
    await Promise.all(Array.from({ length: 8 }, () => readFile('/proc/self/stat')));
    ${script}
    const stats = readdirSync('/proc/self/task').map((id) => readFileSync('/proc/self/task/' + id + '/stat', 'utf8'));
    console.log(JSON.stringify(stats.map((stat) => Number(stat.split(') ')[1].split(' ')[16]))));
    process.exit();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' });
  return (JSON.parse(output) as number[]).toSorted((a, b) => a - b);
}

test('a process is nice with all its threads', { skip }, () => {
  const threads = nicenessOfThreads(`(await import(${module})).lowerProcessPriority(7);`);
  assert.ok(threads.length > 5, `${threads.length} threads`);
  assert.deepEqual([...new Set(threads)], [7]);
});

test('a worker thread is nice alone', { skip }, () => {
  const worker = `import(${module}).then(({ lowerThreadPriority }) => {
    lowerThreadPriority(7);
    setInterval(() => {}, 1000);
    globalThis.process.getBuiltinModule('node:worker_threads').parentPort.postMessage('nice');
  })`;
  const start = `await once(new Worker(${JSON.stringify(worker)}, { eval: true }), 'message');`;
  const threads = nicenessOfThreads(start);
  assert.deepEqual([threads.at(-1), threads.at(-2)], [7, 0]);
});
