import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../../src/config/config.ts';
import { startService } from '../../../src/service/start-service.ts';
import { ApiClient } from '../../support/service/api-client.ts';
import { outputOfCommand } from '../../support/service/command.ts';
import { testEnvironment } from '../../support/service/service.ts';

test('commands leave records, about the account or about the whole service', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-test-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const settings = testEnvironment(dataDir);
  const succeed = (args: string[], input = '') => outputOfCommand(args, settings, input);
  const create = ['account', 'create', '--email', 'ops@example.com', '--operator', '--json'];
  const { user_id: userId, public_key: publicKey, secret_key: secretKey } = JSON.parse(await succeed(create));
  await succeed(['account', 'disable', userId]);
  await succeed(['account', 'disable', userId]);
  await succeed(['account', 'enable', userId]);
  await succeed(['account', 'password', userId], 'correct horse battery staple');
  const { token } = JSON.parse(await succeed(['token', '--user', userId, '--json']));
  const newKey = ['key', 'create', '--account', userId, '--name', 'another', '--json'];
  const { public_key: another } = JSON.parse(await succeed(newKey));
  await succeed(['key', 'revoke', '--public-key', another]);
  const kid = (await succeed(['token', 'rotate-key'])).split(' ')[0];
  await succeed(['encryption', 'rotate']);
  for (const args of [['account', 'list'], ['account', 'show', userId], ['check-config']])
    await succeed(args);

  const service = await startService(readConfig(settings));
  t.after(() => service.stop());
  const client = new ApiClient(service.url, { userId, publicKey, secretKey, token });
  const read = async (query: string) =>
    (await client.expect(200, 'GET', `/audit?order_by=asc${query}`)).data.audit_records;
  const records = await read('');
  const actions = records.map(({ action }: { action: string }) => action);
  // Records of the same millisecond may come in any order.
  assert.deepEqual(actions.slice(0, 3).toSorted(), [
    'account.created',
    'account.token_issued',
    'api_key.created',
  ]);
  assert.deepEqual(actions.slice(3), [
    'account.disabled',
    'account.enabled',
    'account.password_set',
    'account.token_issued',
    'api_key.created',
    'api_key.deleted',
  ]);
  const ofService = await read('&scope=service');
  assert.deepEqual(
    ofService.map((record: { action: string }) => record.action),
    ['token_key.rotated', 'encryption_key.rotated'],
  );
  assert.equal(ofService[0].target_id, kid);
  for (const record of [...records, ...ofService]) {
    const { actor_id, credential, api_key, address, request_id } = record;
    assert.deepEqual(
      [actor_id, credential, api_key, address, request_id],
      [null, 'command_line', null, null, null],
    );
  }
});
