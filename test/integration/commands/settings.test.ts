import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { runCommand, startCommand } from '../../support/service/command.ts';
import { testEnvironment } from '../../support/service/service.ts';

let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-settings-'));
});

after(() => rm(dir, { recursive: true }));

/** The variables of a Kubernetes Service `mediahooks`. */
const SERVICE = {
  MEDIAHOOKS_SERVICE_HOST: '10.96.0.11',
  MEDIAHOOKS_SERVICE_PORT: '8080',
  MEDIAHOOKS_PORT: 'tcp://10.96.0.11:8080',
  MEDIAHOOKS_PORT_8080_TCP: 'tcp://10.96.0.11:8080',
  MEDIAHOOKS_PORT_8080_TCP_PROTO: 'tcp',
  MEDIAHOOKS_PORT_8080_TCP_PORT: '8080',
  MEDIAHOOKS_PORT_8080_TCP_ADDR: '10.96.0.11',
};

test('every command reads the settings file, and check-config says where a setting is set', async () => {
  const secret = join(dir, 'token');
  const file = join(dir, 'settings.env');
  await writeFile(secret, 'a-token-for-metrics\n');
  await writeFile(
    file,
    `MEDIAHOOKS_DATA_DIR=${dir}/data\nMEDIAHOOKS_PORT=9000\nMEDIAHOOKS_METRICS_TOKEN_FILE=${secret}\n`,
  );
  const settings = { ...SERVICE, MEDIAHOOKS_HOST: '127.0.0.2' };
  const { exitCode, stdout, stderr } = await runCommand(['--settings', file, 'check-config'], settings);
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(stdout, /^MEDIAHOOKS_PORT +settings file +9000$/m);
  assert.match(stdout, /^MEDIAHOOKS_HOST +set +127\.0\.0\.2$/m);
  assert.match(stdout, /^MEDIAHOOKS_METRICS_TOKEN +settings file +\(hidden\) from .*\/token$/m);
  assert.match(stdout, /^webhooks reach public addresses only; MEDIAHOOKS_EGRESS_ALLOW opens /m);
  assert.match(stdout, /^ignored, because Kubernetes sets .*: MEDIAHOOKS_PORT, MEDIAHOOKS_PORT_8080_TCP, /m);

  const email = 'a@example.com';
  const created = await runCommand(['account', 'create', '--email', email, '--settings', file], {});
  assert.deepEqual([created.exitCode, created.stderr], [0, '']);
  const listed = await runCommand(['account', 'list', '--json'], { MEDIAHOOKS_DATA_DIR: `${dir}/data` });
  assert.deepEqual([JSON.parse(listed.stdout)[0].email, listed.stderr], [email, '']);

  const none = await runCommand(['serve', '--settings', `${dir}/none`], {});
  assert.deepEqual(
    [none.exitCode, none.stderr],
    [1, `mediahooks: --settings: the file ${dir}/none does not exist\n`],
  );
});

test('a start in a pod logs the ignored variables, and names the program of ffmpeg that is missing', async () => {
  const { MEDIAHOOKS_PORT: _, ...service } = SERVICE;
  const { child, end } = startCommand(['serve'], {
    ...testEnvironment(join(dir, 'pod')),
    ...service,
    MEDIAHOOKS_LOG_LEVEL: 'info',
    MEDIAHOOKS_FFMPEG: 'ffmpeg',
    MEDIAHOOKS_FFPROBE: '/nowhere/ffprobe',
  });
  let logged = '';
  child.stderr.on('data', (chunk) => (logged += chunk));
  await once(child.stdout, 'data');
  await eventually('ffprobe is missed', async () => logged.includes('/nowhere/ffprobe'));
  child.kill('SIGTERM');
  assert.equal((await end).exitCode, 0);
  const entries = logged
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ignored = entries.find(({ msg }) => msg === 'variables of a Kubernetes Service are ignored');
  assert.deepEqual(ignored?.variables, Object.keys(service).toSorted());
  const missing = entries.filter(({ msg }) => /can't be run$/.test(msg));
  assert.deepEqual(
    missing.map(({ msg, program }) => [msg, program]),
    [["ffprobe can't be run", '/nowhere/ffprobe']],
  );
});
