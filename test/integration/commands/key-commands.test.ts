import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { ApiClient } from '../../support/service/api-client.ts';
import { outputOfCommand, runCommand } from '../../support/service/command.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService, testEnvironment } from '../../support/service/service.ts';

/** Commands work on the data of a running service. */
let service: TestService;
let operatorId: string;

before(async () => {
  service = await startTestService();
  operatorId = service.operator.credentials.userId;
});

after(() => service.stop());

function succeed(args: readonly string[]): Promise<string> {
  return outputOfCommand(['key', ...args], testEnvironment(service.dataDir));
}

/** Asserts that the command is refused with one sentence, and prints nothing else. */
async function assertRefusedBy(args: readonly string[], says: string): Promise<void> {
  const command = ['key', ...args];
  const { exitCode, stdout, stderr } = await runCommand(command, testEnvironment(service.dataDir));
  assert.deepEqual([exitCode, stdout, stderr], [1, '', `mediahooks: ${says}\n`]);
}

async function create(args: readonly string[]) {
  const printed = JSON.parse(await succeed(['create', '--json', ...args]));
  const credentials = { publicKey: printed.public_key, secretKey: printed.secret_key };
  const client = new ApiClient(service.service.url, {
    userId: printed.user_id,
    token: '',
    ...credentials,
  });
  return { printed, client };
}

/**
 * Returns whether any file of the data folder contains `text`, the database and its log included. Another process
 * searches, because a process that has a database open loses SQLite's locks when it closes another handle of the
 * file.
 */
async function isStored(text: string): Promise<boolean> {
  const found = promisify(execFile)('grep', ['-rqF', '-e', text, service.dataDir]);
  return found.then(
    () => true,
    (error: { code: number }) => {
      assert.equal(error.code, 1);
      return false;
    },
  );
}

test('a key of an operator is created, works, and its secret is printed once, on standard output only', async () => {
  const args = ['--account', operatorId, '--name', 'publisher'];
  const { printed, client } = await create(args);
  await client.expect(200, 'GET', '/accounts');
  const [listed] = (await service.operator.expect(200, 'GET', '/api_keys?search=publisher')).data.api_keys;
  for (const field of ['id', 'name', 'public_key', 'truncated_secret', 'type', 'ttl', 'expired_at'])
    assert.equal(printed[field], listed[field], field);
  assert.deepEqual([printed.user_id, printed.type, printed.ttl], [operatorId, 'full_access', '0']);
  assert.ok(!(await succeed(['list', '--account', operatorId, '--json'])).includes(printed.secret_key));
  assert.ok(await isStored(printed.public_key), 'looked in the wrong place');
  assert.ok(!(await isStored(printed.secret_key)));

  const text = await succeed(['create', ...args]);
  const [, publicKey = '', secretKey = ''] = /public_key {2}(\S+)\n {2}secret_key {2}(\S+) /.exec(text) ?? [];
  await new ApiClient(service.service.url, { ...client.credentials, publicKey, secretKey }).expect(
    ...([200, 'GET', '/accounts'] as const),
  );
});

test('a key has the type and the time to live that the command names', async () => {
  const { email } = (await service.client.expect(200, 'GET', '/user/me')).data.user;
  const { printed, client } = await create(['--account', email, '--type', 'only_upload', '--ttl', '3600']);
  assert.equal(Date.parse(printed.expired_at) - Date.parse(printed.created_at), 3_600_000);
  assertRefusal(await client.call('GET', '/webhooks'), 'forbidden');
  await client.createMedia();
  const longest = await create(['--account', email, '--ttl', '2147483647']);
  assert.equal(longest.printed.ttl, '2147483647');
});

test('an invalid key is refused with one sentence, and none is created', async () => {
  const list = () => succeed(['list', '--account', operatorId, '--json']);
  const before = await list();
  const ttl = (text: string) =>
    `--ttl: expected seconds, at most 2147483647, or 0 for no expiry, got ${text}`;
  for (const [args, says] of [
    [['--account', operatorId, '--type', 'read'], '--type: expected full_access or only_upload, got read'],
    [['--account', operatorId, '--ttl', '24h'], ttl('24h')],
    [['--account', operatorId, '--ttl', '-1'], ttl('-1')],
    [['--account', operatorId, '--ttl', ''], ttl('')],
    [['--account', operatorId, '--ttl', '2147483648'], ttl('2147483648')],
    [['--account', operatorId, '--name', ' '], '--name: expected 1 to 255 characters'],
    [['--account', 'nobody@example.com'], 'account nobody@example.com not found'],
  ] as const) {
    await assertRefusedBy(['create', ...args], says);
  }
  assert.equal(await list(), before);
});

test('the keys of an account are listed, with their last use, and those of no other account', async () => {
  const { client, credentials } = await service.newAccount();
  await client.expect(201, 'POST', '/api_keys', { api_key_name: 'evil \u001b[2J name', ttl: '60' });
  const keys = (await client.expect(200, 'GET', '/api_keys')).data.api_keys;
  const printed = JSON.parse(await succeed(['list', '--account', credentials.userId, '--json']));
  assert.deepEqual(
    printed.map((one: Record<string, unknown>) => [one.id, one.last_requested_at, one.expired_at]),
    keys.map((one: Record<string, unknown>) => [one.id, one.last_requested_at, one.expired_at]),
  );
  const [first, second] = keys;
  assert.equal(
    await succeed(['list', '--account', credentials.userId]),
    `${first.public_key}  full_access  used ${first.last_requested_at}  first key\n` +
      `${second.public_key}  full_access  never used  expires ${second.expired_at}  evil \uFFFD[2J name\n`,
  );
});

test('a running service refuses a revoked key that it has cached, long before its cache expires', async () => {
  const { printed, client } = await create(['--account', operatorId, '--name', 'leaked']);
  // From here on, the service has the key in its cache, for five seconds.
  await client.expect(200, 'GET', '/user/me');
  const says = await succeed(['revoke', '--public-key', printed.public_key]);
  assert.equal(says, `${printed.public_key} (leaked) is revoked\n`);
  const isRefused = async () => (await client.call('GET', '/user/me')).status === 401;
  await eventually('the key is refused', isRefused, 3_000);
  await service.operator.expect(200, 'GET', '/user/me');
  const again = ['revoke', '--public-key', printed.public_key];
  await assertRefusedBy(again, `API key ${printed.public_key} not found`);
});
