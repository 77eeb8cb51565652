import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** All fields of a key in the contract, except the secret. */
const FIELDS = [
  ...['id', 'name', 'public_key', 'truncated_secret', 'ttl', 'type', 'status', 'expired_at', 'created_at'],
  ...['updated_at', 'last_requested_at', 'user'],
];

let service: TestService;

before(async () => {
  service = await startTestService();
});

after(() => service.stop());

test('a key is created with its secret, which is shown only this once, and works', async () => {
  const { client } = service;
  const since = Date.now();
  const input = { api_key_name: 'build server', ttl: '100000000', type: 'full_access' };
  const { api_key: key } = (await client.expect(201, 'POST', '/api_keys', input)).data;
  assert.deepEqual(Object.keys(key), [...FIELDS, 'secret']);
  const { name, ttl, type, status, last_requested_at } = key;
  assert.deepEqual(
    { name, ttl, type, status, last_requested_at },
    {
      name: 'build server',
      ttl: '100000000',
      type: 'full_access',
      status: 'active',
      last_requested_at: null,
    },
  );
  for (const field of ['created_at', 'updated_at', 'expired_at'])
    assert.match(key[field], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, field);
  assert.ok(Date.parse(key.created_at) >= since);
  assert.equal(key.updated_at, key.created_at);
  assert.equal(Date.parse(key.expired_at), Date.parse(key.created_at) + 100_000_000_000);
  assert.deepEqual(key.user, (await client.expect(200, 'GET', '/user/me')).data.user);
  assert.ok(key.secret.startsWith(key.truncated_secret.replace('…', '')));

  const credentials = { ...client.credentials, publicKey: key.public_key, secretKey: key.secret };
  await new ApiClient(service.service.url, credentials).expect(200, 'GET', '/user/me');
  // The last use is stored after the answer to the request that used the key.
  const found = await eventually('the last use is stored', async () => {
    const list = await client.expect(200, 'GET', '/api_keys');
    assert.ok(!JSON.stringify(list).includes(key.secret));
    const listed = list.data.api_keys.find(({ id }: { id: string }) => id === key.id);
    return listed.last_requested_at === null ? null : listed;
  });
  assert.deepEqual(Object.keys(found), FIELDS);
  assert.ok(Date.parse(found.last_requested_at) >= since);
});

test('without ttl and type a key does not expire, and may do everything', async () => {
  const { api_key: key } = (await service.client.expect(201, 'POST', '/api_keys', { api_key_name: 'x' }))
    .data;
  assert.deepEqual([key.ttl, key.expired_at, key.type, key.status], ['0', null, 'full_access', 'active']);
  const longest = { api_key_name: 'x', ttl: '2147483647', type: 'only_upload' };
  const { api_key: second } = (await service.client.expect(201, 'POST', '/api_keys', longest)).data;
  assert.deepEqual([second.ttl, second.type], ['2147483647', 'only_upload']);
});

test('an invalid key is refused, and the answer names the field', async () => {
  for (const [fields, field] of [
    [{ api_key_name: undefined }, 'api_key_name'],
    [{ api_key_name: '' }, 'api_key_name'],
    [{ api_key_name: 'n'.repeat(256) }, 'api_key_name'],
    [{ api_key_name: 7 }, 'api_key_name'],
    [{ type: 'read' }, 'type'],
    [{ type: '' }, 'type'],
    [{ ttl: '24h' }, 'ttl'],
    [{ ttl: '' }, 'ttl'],
    [{ ttl: '-1' }, 'ttl'],
    [{ ttl: '1.5' }, 'ttl'],
    [{ ttl: '2147483648' }, 'ttl'],
    [{ ttl: '99999999999' }, 'ttl'],
    [{ ttl: 3600 }, 'ttl'],
  ] as const) {
    const answer = await service.client.call('POST', '/api_keys', { api_key_name: 'x', ...fields });
    assertRefusal(answer, 'invalid_request', [field]);
  }
  assertRefusal(await service.client.call('POST', '/api_keys'), 'invalid_request', ['body']);
});

test('keys are listed, searched and paged', async () => {
  const { client } = await service.newAccount();
  for (const name of ['b', 'a']) await client.expect(201, 'POST', '/api_keys', { api_key_name: name });
  const names = async (query: string) =>
    (await client.expect(200, 'GET', `/api_keys?${query}`)).data.api_keys.map(
      ({ name }: { name: string }) => name,
    );
  assert.deepEqual(await names(''), ['first key', 'b', 'a']);
  assert.deepEqual(await names('search=KEY'), ['first key']);
  assert.deepEqual(await names('sort_by=name&order_by=desc&limit=100'), ['first key', 'b', 'a']);
  assert.deepEqual(await names('sort_by=created_at&order_by=desc&offset=1&limit=1'), ['b']);
  assert.equal((await client.expect(200, 'GET', '/api_keys?limit=1')).data.total, 3);
  for (const [query, field] of [
    ['offset=-1', 'offset'],
    ['limit=1001', 'limit'],
    ['limit=101', 'limit'],
  ] as const) {
    assertRefusal(await client.call('GET', `/api_keys?${query}`), 'invalid_request', [field]);
  }
});

test('a key is renamed, and nothing else about it changes', async () => {
  const { client } = service;
  const { api_key: key } = (await client.expect(201, 'POST', '/api_keys', { api_key_name: 'before' })).data;
  const changes = { api_key_name: 'after', type: 'only_upload' };
  const answer = await client.expect(200, 'PATCH', `/api_keys/${key.id}`, changes);
  assert.deepEqual(Object.keys(answer), ['status', 'message', 'warnings']);
  const [renamed] = (await client.expect(200, 'GET', '/api_keys?search=after')).data.api_keys;
  const { secret: _, updated_at, ...rest } = key;
  assert.deepEqual({ ...renamed, updated_at }, { ...rest, updated_at, name: 'after' });
  for (const body of [{ api_key_name: '' }, {}, { api_key_name: null }]) {
    const refused = await client.call('PATCH', `/api_keys/${key.id}`, body);
    assertRefusal(refused, 'invalid_request', ['api_key_name']);
  }
  assertRefusal(
    await client.call('PATCH', '/api_keys/invalid-id', { api_key_name: changes.api_key_name }),
    'invalid_request',
    ['id'],
  );
});

test('a removed key is refused at once', async () => {
  const { client } = service;
  const { api_key: key } = (await client.expect(201, 'POST', '/api_keys', { api_key_name: 'x' })).data;
  const credentials = { ...client.credentials, publicKey: key.public_key, secretKey: key.secret };
  const user = new ApiClient(service.service.url, credentials);
  await user.expect(200, 'GET', '/user/me');
  const answer = await client.expect(200, 'DELETE', `/api_keys/${key.id}`);
  assert.deepEqual(Object.keys(answer), ['status', 'message']);
  assertRefusal(await user.call('GET', '/user/me'), 'unauthorized');
  assertRefusal(await client.call('DELETE', `/api_keys/${key.id}`), 'not_found', []);
  assertRefusal(await client.call('DELETE', '/api_keys/invalid-id'), 'invalid_request', ['id']);
});

test('the account describes itself in strings', async () => {
  const { user } = (await service.client.expect(200, 'GET', '/user/me')).data;
  const fields = ['id', 'email', 'first_name', 'last_name', 'created_at', 'updated_at'];
  assert.deepEqual(Object.keys(user), fields);
  for (const field of fields) assert.equal(typeof user[field], 'string', field);
  assert.equal(user.id, service.client.credentials.userId);
  assert.match(user.email, /@example\.com$/);
});
