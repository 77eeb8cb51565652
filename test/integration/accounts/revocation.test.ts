import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { Credentials } from '../../../src/accounts/create-account.ts';
import { announceRevocation } from '../../../src/accounts/revocation-watch.ts';
import { revocationFile } from '../../../src/data-folder/paths.ts';
import { mediaDir, partsDir, scratchDir } from '../../../src/media/files/media-files.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { ALL_WEBHOOKS } from '../../../src/storage/testing/records.ts';
import { ALL_EVENTS, type ApiAnswer, ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Requests that have begun when their credential is revoked, and end after that. */

let service: TestService;

before(async () => {
  service = await startTestService();
});

after(() => service.stop());

const WEBHOOK = JSON.stringify({ url: 'http://127.0.0.1:8081/hooks', ...ALL_EVENTS });
const FORM =
  '--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nsome bytes\r\n--b--\r\n';

/** Begins a POST, up to half of its body; fulfils when the service has accepted its credential. */
async function begin(client: ApiClient, path: string, body: string): Promise<() => Promise<ApiAnswer>> {
  const type = body === FORM ? 'multipart/form-data; boundary=b' : 'application/json';
  const headers = { ...client.headers, 'content-type': type, expect: '100-continue' };
  const post = request(`${service.service.url}/api${path}`, { method: 'POST', headers });
  post.flushHeaders();
  await once(post, 'continue');
  post.write(body.slice(0, body.length / 2));
  return async () => {
    post.end(body.slice(body.length / 2));
    const [response] = (await once(post, 'response')) as [IncomingMessage];
    const { statusCode = 0, headers } = response;
    const contentType = headers['content-type'] ?? null;
    return { status: statusCode, contentType, body: await json(response) };
  };
}

/** Creates an account, and a caller with a key or a token of that account that may be revoked. */
async function caller(kind: 'key' | 'token', ttl = '0') {
  const { client: owner, credentials } = await service.newAccount();
  const { api_key: key } = (await owner.expect(201, 'POST', '/api_keys', { api_key_name: 'x', ttl })).data;
  const mine: Credentials = { ...credentials, publicKey: key.public_key, secretKey: key.secret };
  const bearer = { authorization: `Bearer ${credentials.token}` };
  const client = new ApiClient(service.service.url, mine, kind === 'token' ? bearer : undefined);
  // The credential is cached, so that the service accepts it with the first line of the next request.
  await client.expect(200, 'GET', '/user/me');
  return { owner, client, keyId: key.id as string, userId: credentials.userId };
}

type Caller = Awaited<ReturnType<typeof caller>>;

async function untilRefused({ client }: Caller): Promise<void> {
  await eventually('it is refused', async () => (await client.call('GET', '/user/me')).status === 401);
}

const REVOCATIONS: [what: string, kind: 'key' | 'token', revoke: (caller: Caller) => Promise<unknown>][] = [
  ['a key that is removed', 'key', ({ owner, keyId }) => owner.expect(200, 'DELETE', `/api_keys/${keyId}`)],
  [
    'a key that is revoked by another process',
    'key',
    async (caller) => {
      await service.service.storage.apiKeys.delete(caller.userId, caller.keyId, { at: Date.now(), by: null });
      await announceRevocation(revocationFile(service.dataDir));
      await untilRefused(caller);
    },
  ],
  [
    'a key of an account that is disabled',
    'key',
    ({ userId }) => service.operator.expect(200, 'PATCH', `/accounts/${userId}`, { is_disabled: true }),
  ],
  [
    'a token that a change of password ends',
    'token',
    ({ userId }) =>
      service.operator.expect(200, 'PATCH', `/accounts/${userId}`, { password: 'a new one, of many words' }),
  ],
];

for (const [what, kind, revoke] of REVOCATIONS) {
  test(`a request that was begun with ${what} is refused`, async () => {
    const revoked = await caller(kind);
    const { id } = await revoked.client.createMedia();
    const ends = [
      await begin(revoked.client, '/webhooks', WEBHOOK),
      await begin(revoked.client, `/media/${id}/part`, FORM),
      await begin(revoked.client, `/media/${id}/thumbnail`, FORM),
    ];
    await revoke(revoked);
    for (const end of ends) assertRefusal(await end(), 'unauthorized');
    assert.deepEqual(await filesOf(id), []);
    const { webhooks } = service.service.storage;
    assert.equal((await webhooks.list(revoked.userId, ALL_WEBHOOKS)).total, 0);
  });
}

test('a key that expires during a request still ends that request, and begins no other', async () => {
  const expiring = await caller('key', '1');
  const { id } = await expiring.client.createMedia();
  const ends = [
    await begin(expiring.client, '/webhooks', WEBHOOK),
    await begin(expiring.client, `/media/${id}/part`, FORM),
  ];
  // The revocation of another credential makes the service check all requests in flight again.
  const other = await caller('key');
  await other.owner.expect(200, 'DELETE', `/api_keys/${other.keyId}`);
  await untilRefused(expiring);
  assert.deepEqual(await Promise.all(ends.map(async (end) => (await end()).status)), [201, 200]);
  assert.equal((await filesOf(id)).length, 1);
});

async function filesOf(id: string): Promise<string[]> {
  const dir = mediaDir(service.dataDir, id);
  const names = await Promise.all(
    [partsDir(dir), scratchDir(service.dataDir)].map((at) => readdir(at).catch(() => [])),
  );
  return names.flat();
}
