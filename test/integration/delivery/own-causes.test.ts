import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROGRAMS = resolve(import.meta.dirname, '../../support/resources');

/** Runs a shell command in a network namespace of its own whose kernel has six local ports. */
const WITH_SIX_PORTS = [
  '--map-root-user',
  '--net',
  'sh',
  '-c',
  'ip link set lo up && echo 40000 40005 > /proc/sys/net/ipv4/ip_local_port_range && exec "$@"',
  'sh',
];

test('without a local port deliveries wait and use up no attempt', async (t) => {
  if (spawnSync('unshare', [...WITH_SIX_PORTS, 'true']).status !== 0) {
    t.skip('this machine allows no network namespaces');
    return;
  }
  const program = [process.execPath, `${PROGRAMS}/few-ports.ts`];
  const { said, requests, ends, count } = JSON.parse(
    (await run('unshare', [...WITH_SIX_PORTS, ...program])).stdout,
  );
  assert.match(said, /no local port left/);
  assert.equal(requests, 4, 'the servers have the other two ports');
  assert.deepEqual([ends, count], [['succeeded 1'], 8]);
});

test('a name that can not be looked up without a file descriptor is not taken for an unknown one', async () => {
  const program = [process.execPath, `${PROGRAMS}/names-without-descriptors.ts`];
  const { stdout } = await run('prlimit', ['--nofile=64:64', ...program]);
  assert.deepEqual(JSON.parse(stdout), {
    before: 'resolved',
    hosts: 'descriptors',
    known: 'resolved',
    asked: 'descriptors',
    after: 'resolved',
  });
});
