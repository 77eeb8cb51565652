import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { announceRevocation } from '../../../src/accounts/revocation-watch.ts';
import { revocationFile } from '../../../src/data-folder/paths.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { type ApiAnswer, ApiClient } from '../../support/service/api-client.ts';
import { outputOfCommand, type ProgramEnd, runCommand } from '../../support/service/command.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService, testEnvironment } from '../../support/service/service.ts';

const PASSWORD = 'correct horse battery staple';

/** Commands work on the data of a running service. */
let service: TestService;

before(async () => {
  service = await startTestService();
});

after(() => service.stop());

function account(args: string[], input = ''): Promise<ProgramEnd> {
  return runCommand(['account', ...args], testEnvironment(service.dataDir), input);
}

function succeed(args: string[], input = ''): Promise<string> {
  return outputOfCommand(['account', ...args], testEnvironment(service.dataDir), input);
}

function login(email: string, password: string): Promise<ApiAnswer> {
  const nobody = new ApiClient(service.service.url, service.client.credentials, {});
  return nobody.call('POST', '/auth/login', { email, password });
}

function withKey(printed: string): ApiClient {
  const { user_id: userId, public_key: publicKey, secret_key: secretKey, token } = JSON.parse(printed);
  return new ApiClient(service.service.url, { userId, publicKey, secretKey, token });
}

test('account create --password reads a password that signs in; --operator creates a key of an operator', async () => {
  const args = ['create', '--email', 'Ops@Example.com', '--operator', '--password', '--json'];
  const client = withKey(await succeed(args, `${PASSWORD}\n`));
  const { status, body } = await login('ops@example.com', PASSWORD);
  assert.deepEqual([status, body.data.user.id], [200, client.credentials.userId]);
  await client.expect(200, 'GET', '/accounts');
  assertRefusal(await service.client.call('GET', '/accounts'), 'forbidden');
});

test('accounts are listed and shown, by user_id or email address', async () => {
  const { credentials } = await service.newAccount();
  const listed = JSON.parse(await succeed(['list', '--json']));
  const fields = listed.find((one: { user_id: string }) => one.user_id === credentials.userId);
  assert.deepEqual([fields.is_operator, fields.is_disabled, fields.has_password], [false, false, false]);
  for (const name of [fields.email, credentials.userId]) {
    assert.deepEqual(JSON.parse(await succeed(['show', name, '--json'])), fields);
  }
  assert.match(await succeed(['show', fields.email]), new RegExp(`^user_id +${credentials.userId}\n`));
  assert.match(await succeed(['list']), new RegExp(`^${credentials.userId}  ${fields.email}$`, 'm'));
  const nobody = await account(['show', 'nobody@example.com']);
  assert.deepEqual(
    [nobody.exitCode, nobody.stderr],
    [1, 'mediahooks: account nobody@example.com not found\n'],
  );
});

test('account password sets a password, and ends all earlier tokens', async () => {
  const client = withKey(await succeed(['create', '--email', 'p@example.com', '--json']));
  const authorization = `Bearer ${client.credentials.token}`;
  const session = new ApiClient(service.service.url, client.credentials, { authorization });
  await session.expect(200, 'GET', '/user/me');
  await succeed(['password', 'p@example.com'], PASSWORD);
  assert.equal((await login('p@example.com', PASSWORD)).status, 200);
  const refused = await eventually('the token of before is refused', async () => {
    const answer = await session.call('GET', '/user/me');
    return answer.status === 200 ? null : answer;
  });
  assertRefusal(refused, 'unauthorized');
  for (const [input, says] of [
    ['short', 'expected 12 to 256 characters'],
    ['', 'expected 12 to 256 characters'],
    [`${PASSWORD}\n${PASSWORD}\n`, 'expected one line'],
  ] as const) {
    const { exitCode, stderr } = await account(['password', 'p@example.com'], input);
    assert.deepEqual([exitCode, stderr], [1, `mediahooks: password: ${says}\n`]);
  }
});

test("account disable makes a running service refuse the account's keys, and enable makes it accept them again", async () => {
  const client = withKey(await succeed(['create', '--email', 'd@example.com', '--json']));
  await client.expect(200, 'GET', '/user/me');
  assert.match(await succeed(['disable', 'd@example.com']), /^d@example.com is disabled: /);
  const refused = await eventually('the key is refused', async () => {
    const answer = await client.call('GET', '/user/me');
    return answer.status === 200 ? null : answer;
  });
  assertRefusal(refused, 'unauthorized');
  assert.match(await succeed(['list']), /^\S+ {2}d@example.com {2}disabled$/m);
  await succeed(['enable', client.credentials.userId]);
  await client.expect(200, 'GET', '/user/me');
});

test("a command's notice evicts what a service has cached, long before the cache expires", async () => {
  const { client, credentials } = await service.newAccount();
  await client.expect(200, 'GET', '/user/me');
  await service.service.storage.accounts.update(
    credentials.userId,
    { isDisabled: true },
    { at: Date.now(), by: null },
  );
  await client.expect(200, 'GET', '/user/me');
  await announceRevocation(revocationFile(service.dataDir));
  const isRefused = async () => (await client.call('GET', '/user/me')).status === 401;
  await eventually('the key is refused', isRefused, 3_000);
});
