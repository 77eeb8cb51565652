import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;

let dir: string;
let unit: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-unit-'));
  const text = await readFile(join(root, 'docs/operating/install.md'), 'utf8');
  const [, block] = /```ini\n(.*?)```/s.exec(text) ?? [];
  assert.ok(block, 'the document has no unit');
  unit = block;
});

after(() => rm(dir, { recursive: true }));

/** Returns the unit with paths that exist on this machine. */
function withPlaces(text: string): string {
  return text
    .replaceAll('/opt/mediahooks/', root)
    .replaceAll('/etc/mediahooks/settings.env', join(dir, 'settings.env'));
}

test('systemd finds no fault in the unit of the document', async (t) => {
  const file = join(dir, 'mediahooks.service');
  // The user does not exist on this machine.
  await writeFile(file, withPlaces(unit).replace('User=mediahooks\n', ''));
  const { error, status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
    encoding: 'utf8',
  });
  if (error) {
    t.skip(`systemd-analyze can't be run: ${error.message}`);
    return;
  }
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
});

test('the command of the unit starts the service with the settings file, and SIGTERM stops it', async () => {
  await writeFile(
    join(dir, 'settings.env'),
    `MEDIAHOOKS_DATA_DIR=${dir}/data\nMEDIAHOOKS_PORT=0\nMEDIAHOOKS_LOG_LEVEL=warn\n`,
  );
  const [, command = ''] = /^ExecStart=(.+)$/m.exec(withPlaces(unit)) ?? [];
  const [program = '', ...args] = command.split(' ');
  const environment = Array.from(unit.matchAll(/^Environment=(\w+)=(.+)$/gm), ([, name = '']) => [
    name,
    join(dir, 'cache'),
  ]);
  const child = spawn(program, args, { env: { PATH: process.env.PATH, ...Object.fromEntries(environment) } });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) if (line.includes('listens on')) break;
  child.stdout.resume();
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
