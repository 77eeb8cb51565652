import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

/** Commands that script/bootstrap itself uses. It searches for every other program. */
const TOOLS = ['cat', 'cksum', 'dirname', 'id', 'mkdir', 'chmod', 'readlink', 'sed'];

/**
 * Runs a copy of script/bootstrap on a machine that has `commands` (shell scripts by their names) and no other
 * command.
 */
async function bootstrap(t: TestContext, commands: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-bootstrap-'));
  t.after(() => rm(dir, { recursive: true }));
  const root = new URL('../../', import.meta.url).pathname;
  const bin = join(dir, 'bin');
  await mkdir(bin);
  await mkdir(join(dir, 'script'));
  for (const file of ['script/bootstrap', 'package.json', 'package-lock.json']) {
    await copyFile(join(root, file), join(dir, file));
  }
  for (const tool of TOOLS) {
    if (tool in commands) continue;
    const path = spawnSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
    await symlink(path, join(bin, tool));
  }
  for (const [name, script] of Object.entries(commands)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const { status, stderr } = spawnSync('/bin/sh', [join(dir, 'script/bootstrap')], {
    env: { PATH: bin },
    encoding: 'utf8',
  });
  return { status, lines: stderr.trimEnd().split('\n') };
}

/** Returns an `npm ci` that installs a Node that runs the script `node`. */
const npmInstalling = (node: string) =>
  `mkdir -p node_modules/.bin; printf '#!/bin/sh\\n${node}\\n' > node_modules/.bin/node; chmod +x node_modules/.bin/node`;

const ROOT = 'echo 0';
const SOMEBODY = 'echo 1000';

test('without npm on a machine that is no Debian, it says what to install', async (t) => {
  const { status, lines } = await bootstrap(t, {});
  assert.equal(status, 1);
  assert.deepEqual(lines, [
    'bootstrap: npm not found, and this is no Debian; install it with your package manager',
  ]);
});

test('without root, it prints the command to run', async (t) => {
  const { status, lines } = await bootstrap(t, { 'apt-get': 'exit 0', id: SOMEBODY, sudo: 'exit 1' });
  assert.equal(status, 1);
  assert.deepEqual(lines, [
    'bootstrap: installing npm with apt-get',
    'bootstrap: this needs root; run: sudo apt-get update -qq',
  ]);
});

test('when npm fails, it names the command to run', async (t) => {
  const { status, lines } = await bootstrap(t, { npm: 'exit 1' });
  assert.equal(status, 1);
  assert.match(lines[0] ?? '', /^bootstrap: installing npm packages, Node \d+\.\d+\.\d+ among them$/);
  assert.deepEqual(lines.slice(1), ['bootstrap: npm ci failed; run it to see why']);
});

test('it reports a pinned Node that does not run here', async (t) => {
  const { status, lines } = await bootstrap(t, { npm: npmInstalling('exit 126') });
  assert.equal(status, 1);
  assert.deepEqual(lines.slice(1), [
    'bootstrap: the pinned Node does not run here; remove node_modules and try again',
  ]);
});

test('if only ffmpeg is missing, ffmpeg is installed; with ffmpeg, nothing is left to do', async (t) => {
  const npm = npmInstalling('exit 0');
  const without = await bootstrap(t, { npm, id: ROOT, 'apt-get': 'exit 0' });
  assert.equal(without.status, 0);
  assert.deepEqual(without.lines.slice(1), ['bootstrap: installing ffmpeg with apt-get']);
  const { status, lines } = await bootstrap(t, { npm, ffmpeg: 'exit 0', ffprobe: 'exit 0' });
  assert.deepEqual([status, lines.length], [0, 1]);
});
