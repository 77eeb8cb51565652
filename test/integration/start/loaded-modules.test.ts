import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { testEnvironment } from '../../support/service/service.ts';

const source = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);

/** Starts the service, and prints the names of all packages and of all modules of Node that the start has loaded. */
const PROGRAM = `
  const { readConfig } = await import(${source('config/config.ts')});
  const { startService } = await import(${source('service/start-service.ts')});
  const service = await startService(readConfig(process.env));
  const { createRequire } = await import('node:module');
  const files = Object.keys(createRequire(import.meta.url).cache);
  const packages = files.map((file) => file.split('/node_modules/').at(-1));
  const ofNode = process.moduleLoadList.map((entry) => 'node:' + entry.split(' ')[1]);
  await service.stop();
  console.log(JSON.stringify([...packages, ...ofNode]));`;

/** Parts that most services never use, or only later. Each takes milliseconds of a start, and memory of an idle service. */
const NOT_AT_THE_START = [
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  '@fastify/swagger',
  '@opentelemetry/api',
  '@prometheus-io/client/index.js',
  '@prometheus-io/client/lib/pushgateway.js',
  'marked',
  'undici',
  'yaml',
];

test('a start loads no module that is needed only later', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-loaded-'));
  t.after(() => rm(dir, { recursive: true }));
  const env = { ...process.env, ...testEnvironment(dir), MEDIAHOOKS_PORT: '0' };
  const program = join(dir, 'program.mjs');
  await writeFile(program, PROGRAM);
  const run = promisify(execFile)(process.execPath, [program], { env });
  const loaded: string[] = JSON.parse((await run).stdout);
  assert.ok(
    loaded.some((file) => file.startsWith('fastify/')) && loaded.includes('node:http'),
    'the list is empty',
  );
  const tooEarly = NOT_AT_THE_START.filter((name) =>
    loaded.some((file) => file === name || file.startsWith(`${name}/`)),
  );
  assert.deepEqual(tooEarly, []);
});
