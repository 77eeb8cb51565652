import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { decodeProtectedHeader } from 'jose';
import { Tokens } from '../../../src/accounts/tokens.ts';
import { SETTINGS } from '../../../src/config/settings.ts';
import { type ProgramEnd, runCommand, startCommand } from '../../support/service/command.ts';
import { testEnvironment } from '../../support/service/service.ts';

const manifest: { version: string } = JSON.parse(
  await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
);

let dataDir: string;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-cli-'));
});

after(() => rm(dataDir, { recursive: true }));

function mediahooks(args: string[], settings: Record<string, string> = {}): Promise<ProgramEnd> {
  return runCommand(args, { ...testEnvironment(dataDir), ...settings });
}

test('account create --json prints one line with all credentials', async () => {
  const { exitCode, stdout } = await mediahooks(['account', 'create', '--email', 'a@example.com', '--json']);
  assert.equal(exitCode, 0);
  assert.equal(stdout.trim().split('\n').length, 1);
  const printed = JSON.parse(stdout);
  assert.deepEqual(Object.keys(printed), ['user_id', 'public_key', 'secret_key', 'token']);
  assert.match(printed.token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test('an email address belongs to one account, and must be valid', async () => {
  await mediahooks(['account', 'create', '--email', 'b@example.com']);
  const again = await mediahooks(['account', 'create', '--email', 'b@example.com']);
  assert.equal(again.exitCode, 1);
  assert.match(again.stderr, /b@example\.com exists already/);
  const wrong = await mediahooks(['account', 'create', '--email', 'nobody']);
  assert.equal(wrong.exitCode, 1);
  assert.match(wrong.stderr, /--email: expected an email address, got nobody/);
});

test('token --json prints a token for an account that exists', async () => {
  const created = await mediahooks(['account', 'create', '--email', 'c@example.com', '--json']);
  const { user_id: user } = JSON.parse(created.stdout);
  const { exitCode, stdout } = await mediahooks(['token', '--user', user, '--json']);
  assert.equal(exitCode, 0);
  assert.equal(JSON.parse(stdout).user_id, user);
  assert.match(JSON.parse(stdout).token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const nobody = await mediahooks(['token', '--user', 'nobody', '--json']);
  assert.equal(nobody.exitCode, 1);
  assert.match(nobody.stderr, /account nobody not found/);
});

test('check-config prints the settings in force and which of them are set, or names the setting that is wrong', async () => {
  const good = await mediahooks(['check-config'], {
    MEDIAHOOKS_FFMPEG: 'ffmpeg',
    MEDIAHOOKS_FFPROBE: '/nowhere/ffprobe',
    MEDIAHOOKS_METRICS_TOKEN: 'a-token-for-metrics',
  });
  assert.equal(good.exitCode, 0);
  for (const name of Object.keys(SETTINGS)) assert.match(good.stdout, new RegExp(`^${name} `, 'm'));
  assert.match(good.stdout, /^MEDIAHOOKS_EGRESS_ALLOW +set +127\.0\.0\.1\/32$/m);
  assert.match(good.stdout, /^MEDIAHOOKS_HOST +default +127\.0\.0\.1$/m);
  assert.match(good.stdout, /^MEDIAHOOKS_DATABASE_URL +default +file:\/\/\/.*\/mediahooks\.sqlite$/m);
  assert.match(good.stdout, /^MEDIAHOOKS_METRICS_TOKEN +set +\(hidden\)$/m);
  assert.match(good.stdout, /^ffmpeg: found, version \S+$/m);
  assert.match(good.stdout, /^\/nowhere\/ffprobe: can't be run/m);
  const wrong = await mediahooks(['check-config'], { MEDIAHOOKS_PORT: 'eighty' });
  assert.equal(wrong.exitCode, 1);
  assert.equal(
    wrong.stderr,
    'mediahooks: MEDIAHOOKS_PORT: expected a whole number from 0 to 65535, got "eighty"\n',
  );
  const nowhere = await mediahooks(['check-config'], { MEDIAHOOKS_DATA_DIR: '/dev/null/data' });
  assert.equal(nowhere.exitCode, 1);
  assert.match(nowhere.stderr, /^mediahooks: MEDIAHOOKS_DATA_DIR: [^\n]+\n$/);
});

test('--version prints the version', async () => {
  const { exitCode, stdout } = await mediahooks(['--version']);
  assert.deepEqual([exitCode, stdout], [0, `${manifest.version}\n`]);
});

test('token creates no data folder', async () => {
  const dir = join(dataDir, 'none');
  const { exitCode, stderr } = await mediahooks(['token', '--user', 'a'], { MEDIAHOOKS_DATA_DIR: dir });
  assert.equal(exitCode, 1);
  assert.match(stderr, /^mediahooks: MEDIAHOOKS_DATA_DIR: [^\n]+ does not exist; [^\n]+\n$/);
  await assert.rejects(stat(dir));
});

test('serve does not start with an unknown setting', async () => {
  const { exitCode, stderr } = await mediahooks(['serve'], { MEDIAHOOKS_PROT: '80' });
  assert.equal(exitCode, 1);
  assert.match(stderr, /^mediahooks: MEDIAHOOKS_PROT is not a setting; the settings are MEDIAHOOKS_HOST, /);
});

test("a path or an address that can't be used ends the start with one sentence that names its setting", async () => {
  const file = join(dataDir, 'a-file');
  await writeFile(file, 'this is no database, and no folder either');
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = String(typeof address === 'object' ? address?.port : '');
  const wrong: [name: string, value: string, says: RegExp][] = [
    ['MEDIAHOOKS_DATA_DIR', file, /a-file is a file$/],
    ['MEDIAHOOKS_DATA_DIR', join(file, 'below'), /a-file is a file$/],
    ['MEDIAHOOKS_DATA_DIR', '/proc/nope', /\/proc\/nope can't be created$/],
    ['MEDIAHOOKS_DATABASE_URL', 'file:///nowhere/at/all.sqlite', /\/nowhere\/at does not exist$/],
    ['MEDIAHOOKS_DATABASE_URL', pathToFileURL(dataDir).href, /is a folder$/],
    ['MEDIAHOOKS_DATABASE_URL', pathToFileURL(file).href, /a-file can't be opened: file is not a database$/],
    ['MEDIAHOOKS_HOST', 'nowhere.invalid', /nowhere\.invalid is not an address of this machine$/],
    ['MEDIAHOOKS_HOST', '192.0.2.1', /192\.0\.2\.1 is not an address of this machine$/],
    ['MEDIAHOOKS_PORT', port, /another program is listening there$/],
  ];
  for (const [name, value, says] of wrong) {
    const { exitCode, stdout, stderr } = await mediahooks(['serve'], { [name]: value });
    assert.deepEqual([exitCode, stdout], [1, ''], stderr);
    const [line = '', ...more] = stderr.trimEnd().split('\n');
    assert.ok(line.startsWith(`mediahooks: ${name}: `), stderr);
    assert.match(line, says);
    assert.deepEqual(more, []);
  }
  taken.close();
});

test('token rotate-key creates the next key, and old tokens stay valid', async () => {
  const created = await mediahooks(['account', 'create', '--email', 'keys@example.com', '--json']);
  const { user_id: user, token: before } = JSON.parse(created.stdout);
  const rotated = await mediahooks(['token', 'rotate-key']);
  assert.deepEqual([rotated.exitCode, rotated.stderr], [0, '']);
  const after = (await mediahooks(['token', '--user', user])).stdout.trim();
  assert.match(rotated.stdout, new RegExp(`^${decodeProtectedHeader(after).kid} signs tokens from now on`));
  const tokens = await Tokens.open(join(dataDir, 'token-keys'));
  for (const token of [before, after]) assert.equal((await tokens.verify(token, Date.now()))?.userId, user);
});

test('only the owner can read the keys that sign tokens, and the data folder', async () => {
  await mediahooks(['account', 'create', '--email', 'd@example.com']);
  const keys = join(dataDir, 'token-keys');
  assert.equal((await stat(keys)).mode & 0o777, 0o700);
  for (const name of await readdir(keys)) {
    assert.equal((await stat(join(keys, name))).mode & 0o777, 0o600);
  }
  await mediahooks(['account', 'create', '--email', 'e@example.com'], {
    MEDIAHOOKS_DATA_DIR: join(dataDir, 'deep', 'down'),
  });
  assert.equal((await stat(join(dataDir, 'deep', 'down'))).mode & 0o777, 0o700);
});

test('in a data folder that others may read, nothing that holds secrets is readable', async () => {
  const dir = join(dataDir, 'volume');
  await mkdir(dir, { mode: 0o755 });
  await chmod(dir, 0o755);
  const settings = { MEDIAHOOKS_DATA_DIR: dir, MEDIAHOOKS_LOG_LEVEL: 'warn' };
  // The files of an earlier version, or files made by hand, are readable by others.
  await writeFile(join(dir, 'mediahooks.sqlite'), '', { mode: 0o644 });
  await mediahooks(['account', 'create', '--email', 'f@example.com'], settings);
  const open: string[] = [];
  const { child, end } = startCommand(['serve'], { ...testEnvironment(dir), ...settings });
  await once(child.stdout, 'data');
  for (const entry of await readdir(dir, { recursive: true })) {
    if (((await stat(join(dir, entry))).mode & 0o077) !== 0) open.push(entry);
  }
  child.kill('SIGTERM');
  const { stderr } = await end;
  assert.deepEqual(open, []);
  assert.match(stderr, /"level":40,.*"msg":"other users can read the data folder"/);
});
