import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { COMMAND_LINE } from '../../../src/domain/audit.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { ApiClient } from '../../support/service/api-client.ts';
import { TestIdentityProvider } from '../../support/service/identity-provider.ts';
import { untilSamples } from '../../support/service/metrics.ts';
import { openSocket } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const PASSWORD = 'correct horse battery staple';

interface AuditRecordSeen {
  readonly user_id: string | null;
  readonly action: string;
  readonly target_id: string;
  readonly actor_id: string | null;
  readonly credential: string;
  readonly api_key: { id: string; public_key: string } | null;
  readonly address: string | null;
  readonly request_id: string;
  readonly created_at: string;
}

let provider: TestIdentityProvider;
let service: TestService;

before(async () => {
  provider = await TestIdentityProvider.start();
  service = await startTestService({
    MEDIAHOOKS_JWKS_URL: provider.url.href,
    MEDIAHOOKS_JWT_ISSUER: TestIdentityProvider.issuer,
    MEDIAHOOKS_JWT_AUDIENCE: TestIdentityProvider.audience,
    MEDIAHOOKS_TRUST_PROXY: '127.0.0.1',
  });
});

after(async () => {
  await service.stop();
  await provider.stop();
});

async function recordsOf(client: ApiClient, query = ''): Promise<AuditRecordSeen[]> {
  return (await client.expect(200, 'GET', `/audit?order_by=asc&limit=100${query}`)).data.audit_records;
}

const actionsOf = async (client: ApiClient, query = '') =>
  (await recordsOf(client, query)).map(({ action }) => action);

const withHeaders = ({ credentials }: ApiClient, headers: Record<string, string>) =>
  new ApiClient(service.service.url, credentials, headers);

test('an account reads its own records, filtered and a page at a time, the newest first', async () => {
  const { client } = await service.newAccount();
  const first = await client.createMedia();
  const second = await client.createMedia();
  await client.expect(200, 'DELETE', `/media/${first.id}`);
  const { audit_records: records, total } = (await client.expect(200, 'GET', '/audit?limit=2')).data;
  assert.deepEqual([records.length, total], [2, 3]);
  assert.deepEqual(
    [records[0].action, records[0].target_type, records[0].target_id],
    ['media.deleted', 'media', first.id],
  );
  assert.deepEqual(await actionsOf(client, `&target_id=${first.id}`), ['media.created', 'media.deleted']);
  assert.deepEqual(await actionsOf(client, '&action=media.deleted'), ['media.deleted']);
  assert.deepEqual(await actionsOf(client, `&actor_id=${randomUUID()}`), []);
  assert.equal((await actionsOf(client, `&actor_id=${client.credentials.userId}`)).length, 3);
  const at = encodeURIComponent(records[0].created_at);
  assert.equal((await actionsOf(client, `&until=${at}&target_id=${second.id}`)).length, 1);
  assert.ok((await actionsOf(client, `&since=${at}`)).includes('media.deleted'));
  assertRefusal(await client.call('GET', '/audit?action=none'), 'invalid_request', ['action']);
  assertRefusal(await client.call('GET', '/audit?since=2016-12-31T23:59:60Z'), 'invalid_request', ['since']);
});

test('only an operator reads records of another account, or of the service', async () => {
  const { client, credentials } = await service.newAccount();
  const { id } = await client.createMedia();
  const { client: stranger } = await service.newAccount();
  assert.deepEqual(await actionsOf(stranger), []);
  for (const query of ['scope=all', 'scope=service', `user_id=${credentials.userId}`])
    assertRefusal(await stranger.call('GET', `/audit?${query}`), 'forbidden');
  const body = { api_key_name: 'uploads', type: 'only_upload' };
  const { api_key: key } = (await client.expect(201, 'POST', '/api_keys', body)).data;
  const keys = { 'stream-public-key': key.public_key, 'stream-secret-key': key.secret };
  assertRefusal(await withHeaders(client, keys).call('GET', '/audit'), 'forbidden');

  const { operator } = service;
  const own = `&user_id=${credentials.userId.toUpperCase()}`;
  assert.deepEqual(await actionsOf(operator, own), ['media.created', 'api_key.created']);
  assert.equal((await recordsOf(operator, `&scope=all&target_id=${id}`)).length, 1);
  const isOwn = ({ user_id }: AuditRecordSeen) => user_id === operator.credentials.userId;
  assert.ok((await recordsOf(operator)).every(isOwn));
  assert.ok((await recordsOf(operator, '&scope=service')).every(({ user_id }) => user_id === null));
  assertRefusal(await operator.call('GET', `/audit?scope=all${own}`), 'invalid_request', ['user_id']);
});

test('an account reads what an operator did to it', async () => {
  const { client, credentials } = await service.newAccount();
  const { operator } = service;
  await operator.expect(200, 'PATCH', `/accounts/${credentials.userId}`, { password: PASSWORD });
  const [record, ...more] = await recordsOf(client);
  assert.deepEqual(
    [record?.action, record?.actor_id, more],
    ['account.password_set', operator.credentials.userId, []],
  );
});

test('each kind of credential is recorded', async () => {
  const { client, credentials } = await service.newAccount();
  const { publicKey, secretKey, token, userId } = credentials;
  const keys = { 'stream-public-key': publicKey, 'stream-secret-key': secretKey };
  await client.createMedia();
  await withHeaders(client, keys).createMedia();
  await withHeaders(client, { authorization: `Bearer ${token}` }).createMedia();
  const foreign = await provider.token({ sub: userId });
  await withHeaders(client, { authorization: `Bearer ${foreign}` }).createMedia();
  const records = await recordsOf(client);
  assert.deepEqual(
    records.map(({ credential, api_key }) => [credential, api_key?.public_key]),
    [
      ['api_key', publicKey],
      ['api_key', publicKey],
      ['token', undefined],
      ['identity_provider', undefined],
    ],
  );
  const { api_keys: listed } = (await client.expect(200, 'GET', '/api_keys')).data;
  assert.equal(records[0]?.api_key?.id, listed[0].id);
});

test('sign-ins are recorded, refused ones included; for addresses without an account there is no record', async () => {
  const { client, credentials } = await service.newAccount();
  const { user } = (await client.expect(200, 'GET', '/user/me')).data;
  const nobody = withHeaders(client, {});
  const login = (email: string, password: string) => nobody.call('POST', '/auth/login', { email, password });
  const total = async () => (await service.operator.expect(200, 'GET', '/audit?scope=all')).data.total;
  // A refusal is answered before it is recorded, so that its duration tells nothing.
  const untilRecords = (count: number) =>
    eventually('the refusal is recorded', async () => (await recordsOf(client)).length === count);
  await login(user.email, PASSWORD);
  await untilRecords(1);
  await service.operator.expect(200, 'PATCH', `/accounts/${user.id}`, { password: PASSWORD });
  assert.equal((await login(user.email, PASSWORD)).status, 200);
  const before = await total();
  assertRefusal(await login('nobody@example.com', PASSWORD), 'unauthorized');
  assert.equal(await total(), before);
  assertRefusal(await login(user.email, 'a wrong one'), 'unauthorized');
  await untilRecords(4);
  const told = (await recordsOf(client)).map((one) => [one.action, one.actor_id, one.credential]);
  assert.deepEqual(told, [
    ['account.sign_in_refused', null, 'password'],
    ['account.password_set', service.operator.credentials.userId, 'api_key'],
    ['account.signed_in', credentials.userId, 'password'],
    ['account.sign_in_refused', null, 'password'],
  ]);
});

test('a call that is refused or changes nothing leaves no record', async () => {
  const { client } = await service.newAccount();
  const { user } = (await client.expect(200, 'GET', '/user/me')).data;
  const { id } = await client.createMedia();
  const { total: before } = (await service.operator.expect(200, 'GET', '/audit?scope=all')).data;
  await client.expect(200, 'PATCH', `/media/${id}`, { title: 'A clip' });
  assertRefusal(await client.call('POST', '/media/create', {}), 'invalid_request');
  assertRefusal(await service.operator.call('POST', '/accounts', { email: user.email }), 'conflict');
  assertRefusal(await client.call('POST', '/accounts', { email: 'x@example.com' }), 'forbidden');
  const { total } = (await service.operator.expect(200, 'GET', '/audit?scope=all')).data;
  assert.equal(total, before);
});

test('a caller who has a session and tries passwords with it is recorded', async () => {
  const { client, credentials } = await service.newAccount();
  const change = { current_password: 'a wrong one', new_password: PASSWORD };
  assertRefusal(await client.call('POST', '/auth/password', change), 'forbidden');
  const [refused] = await recordsOf(client);
  assert.deepEqual([refused?.action, refused?.actor_id], ['account.sign_in_refused', credentials.userId]);
});

test('the caller who completes an upload is recorded, once, even with a key that may only upload', async () => {
  const { client } = await service.newAccount();
  const body = { api_key_name: 'uploads', type: 'only_upload' };
  const { api_key: key } = (await client.expect(201, 'POST', '/api_keys', body)).data;
  const keys = { 'stream-public-key': key.public_key, 'stream-secret-key': key.secret };
  const uploader = withHeaders(client, keys);
  const { id } = await client.createMedia();
  assertRefusal(await uploader.call('GET', `/media/${id}/complete`), 'upload_incomplete');
  assert.deepEqual(await actionsOf(client, '&action=media.completed'), []);
  await uploader.uploadPart(id, { bytes: new Uint8Array(10) });
  await Promise.all([1, 2, 3].map(() => uploader.expect(200, 'GET', `/media/${id}/complete`)));
  const told = await recordsOf(client, '&action=media.completed');
  assert.deepEqual(
    told.map(({ target_id, api_key }) => [target_id, api_key?.public_key]),
    [[id, key.public_key]],
  );
});

test("the address is the client's, whole, as a trusted proxy reports it", async () => {
  const { client } = await service.newAccount();
  const forwarded = { 'x-forwarded-for': '2001:DB8:0::7', 'x-request-id': 'of-the-caller' };
  await client.call('POST', '/media/create', { title: 'A clip' }, forwarded);
  await client.createMedia();
  const told = (await recordsOf(client)).map(({ address }) => address);
  assert.deepEqual(told, ['2001:db8::7', '127.0.0.1']);
  assert.equal((await recordsOf(client))[0]?.request_id, 'of-the-caller');
});

test('a client that disconnects at once is recorded, too', async () => {
  const { client, credentials } = await service.newAccount();
  const { id } = await client.createMedia();
  const basic = Buffer.from(`${credentials.publicKey}:${credentials.secretKey}`).toString('base64');
  const accepted = new Set<number | undefined>();
  const onAccepted = (message: unknown) =>
    void accepted.add((message as { socket: Socket }).socket.remotePort);
  subscribe('net.server.socket', onAccepted);
  const socket = await openSocket(service.service.url);
  // Other connections may be accepted meanwhile. The server knows no address of one that is reset before.
  await eventually('the connection is accepted', async () => accepted.has(socket.localPort));
  unsubscribe('net.server.socket', onAccepted);
  const head = `DELETE /api/media/${id} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${basic}\r\n\r\n`;
  socket.write(head, () => socket.resetAndDestroy());
  const record = await eventually('the media is deleted', async () =>
    (await recordsOf(client, '&action=media.deleted')).at(0),
  );
  assert.equal(record.address, '127.0.0.1');
});

test('old records are removed', async (t) => {
  // Rounds of removals are a tenth of the time apart, so that another round follows if the first one comes too early.
  const short = await startTestService({ MEDIAHOOKS_AUDIT_RETENTION_DAYS: String(60 / 86_400) });
  t.after(() => short.stop());
  const { userId } = short.client.credentials;
  await short.client.createMedia();
  const old = { at: Date.now() - 2 * 86_400_000, accountId: userId, targetId: userId };
  await short.service.storage.audit.add({ ...old, action: 'account.signed_in' }, COMMAND_LINE);
  await eventually('the old one is gone', async () => {
    const actions = await actionsOf(short.client);
    assert.ok(actions.includes('media.created'));
    return actions.length === 1;
  });
  await untilSamples(short.service.url, { 'mediahooks_retention_removed_total{kind="audit_records"}': 1 });
});
