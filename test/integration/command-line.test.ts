import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { testEnvironment } from '../support/service.ts';

const COMMAND = new URL('../../script/mediahooks', import.meta.url).pathname;

let dataDir: string;

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-cli-'));
});

after(() => rm(dataDir, { recursive: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function mediahooks(args: string[], settings: Record<string, string> = {}): Promise<Ended> {
  const env = { PATH: process.env.PATH, ...testEnvironment(dataDir), ...settings };
  return new Promise((resolve) => {
    execFile(COMMAND, args, { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test('account create --json prints one line with all credentials', async () => {
  const { code, stdout } = await mediahooks(['account', 'create', '--email', 'a@example.com', '--json']);
  assert.equal(code, 0);
  assert.equal(stdout.trim().split('\n').length, 1);
  const printed = JSON.parse(stdout);
  assert.deepEqual(Object.keys(printed), ['user_id', 'public_key', 'secret_key', 'token']);
  assert.match(printed.token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test('an email address serves one account, and must be one', async () => {
  await mediahooks(['account', 'create', '--email', 'b@example.com']);
  const again = await mediahooks(['account', 'create', '--email', 'b@example.com']);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /b@example\.com exists already/);
  const wrong = await mediahooks(['account', 'create', '--email', 'nobody']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /--email: expected an email address, got nobody/);
});

test('token --json prints a token for an account that there is', async () => {
  const created = await mediahooks(['account', 'create', '--email', 'c@example.com', '--json']);
  const { user_id: user } = JSON.parse(created.stdout);
  const { code, stdout } = await mediahooks(['token', '--user', user, '--json']);
  assert.equal(code, 0);
  assert.equal(JSON.parse(stdout).user_id, user);
  assert.match(JSON.parse(stdout).token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const nobody = await mediahooks(['token', '--user', 'nobody', '--json']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /account nobody not found/);
});

test('check-config prints what is in force, or names the setting that is wrong', async () => {
  const good = await mediahooks(['check-config'], { MEDIAHOOKS_METRICS_TOKEN: 'a-token-for-metrics' });
  assert.equal(good.code, 0);
  assert.match(good.stdout, /^egressAllow +\["127\.0\.0\.1\/32"\]$/m);
  assert.match(good.stdout, /^metricsToken +\[set\]$/m);
  const wrong = await mediahooks(['check-config'], { MEDIAHOOKS_PORT: 'eighty' });
  assert.equal(wrong.code, 1);
  assert.equal(
    wrong.stderr,
    'mediahooks: MEDIAHOOKS_PORT: expected a whole number from 0 to 65535, got "eighty"\n',
  );
});

test('serve does not start with an unknown setting', async () => {
  const { code, stderr } = await mediahooks(['serve'], { MEDIAHOOKS_PROT: '80' });
  assert.equal(code, 1);
  assert.match(stderr, /^mediahooks: MEDIAHOOKS_PROT is not a setting; there are MEDIAHOOKS_HOST, /);
});

test('the key that signs tokens and the data folder are for their owner alone', async () => {
  await mediahooks(['account', 'create', '--email', 'd@example.com']);
  assert.equal((await stat(join(dataDir, 'token-key.json'))).mode & 0o777, 0o600);
  await mediahooks(['account', 'create', '--email', 'e@example.com'], {
    MEDIAHOOKS_DATA_DIR: join(dataDir, 'deep', 'down'),
  });
  assert.equal((await stat(join(dataDir, 'deep', 'down'))).mode & 0o777, 0o700);
});
