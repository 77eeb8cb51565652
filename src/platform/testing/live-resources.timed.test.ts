import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { LiveResources } from './live-resources.ts';

// Must have a process of its own: what tests of other files have left, such as connections that are kept, begins timers.

test('timers, watchers, servers and child processes are alive until they end, referenced or not', async () => {
  using resources = new LiveResources();
  assert.deepEqual(await resources.list(), []);

  const timer = setTimeout(() => assert.fail(), 60_000);
  const interval = setInterval(() => undefined, 60_000).unref();
  assert.deepEqual(await resources.list(), ['Timeout', 'Timeout']);
  clearTimeout(timer);
  clearInterval(interval);
  assert.deepEqual(await resources.list(), []);

  const watcher = watch(import.meta.dirname, { persistent: false });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  assert.deepEqual(await resources.list(), ['FSEVENTWRAP', 'TCPSERVERWRAP']);
  watcher.close();
  server.close();
  await once(server, 'close');
  assert.deepEqual(await resources.list(), []);

  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  assert.deepEqual(await resources.list(), ['PROCESSWRAP']);
  child.kill();
  await once(child, 'close');
  assert.deepEqual(await resources.list(), []);
});

test('a timer that has fired is not alive', async () => {
  using resources = new LiveResources();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.deepEqual(await resources.list(), []);
});
