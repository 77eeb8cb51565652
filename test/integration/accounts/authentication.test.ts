import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Credentials } from '../../../src/accounts/create-account.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { ALL_EVENTS, type ApiAnswer, ApiClient, basicHeaders } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let owner: Credentials;

before(async () => {
  service = await startTestService();
  owner = service.client.credentials;
});

after(() => service.stop());

/** Asks for which account the service accepts a request with `headers`. */
function whoAmI(headers: Record<string, string>): Promise<ApiAnswer> {
  return new ApiClient(service.service.url, owner, headers).call('GET', '/user/me');
}

async function answerOf(response: Response): Promise<ApiAnswer> {
  const { status, headers } = response;
  return { status, contentType: headers.get('content-type'), body: await response.json() };
}

async function createKey(fields: Record<string, string>): Promise<Credentials> {
  const body = { api_key_name: 'a key', ...fields };
  const { api_key: key } = (await service.client.expect(201, 'POST', '/api_keys', body)).data;
  return { ...owner, publicKey: key.public_key, secretKey: key.secret };
}

test('every form of credentials that the public clients use is accepted', async () => {
  const keys = { 'stream-public-key': owner.publicKey, 'stream-secret-key': owner.secretKey };
  const noKeys = { 'stream-public-key': '', 'stream-secret-key': '' };
  const token = await service.service.tokens.issue(owner.userId, { ttl: 60, now: Date.now() });
  const ways: Record<string, Record<string, string>> = {
    Basic: basicHeaders(owner.publicKey, owner.secretKey),
    'the two headers': keys,
    'Basic and the two headers': { ...basicHeaders(owner.publicKey, owner.secretKey), ...keys },
    'a bearer token': { authorization: `Bearer ${token}` },
    'a bearer token and empty headers': { authorization: `Bearer ${token}`, ...noKeys },
    'an empty bearer token and the two headers': { authorization: 'Bearer ', ...keys },
    'an empty Basic and the two headers': { authorization: 'Basic Og==', ...keys },
    'a scheme in another case': { authorization: `bearer ${token}` },
  };
  for (const [way, headers] of Object.entries(ways)) {
    const answer = await whoAmI(headers);
    assert.equal(answer.status, 200, `${way}: ${JSON.stringify(answer.body)}`);
    assert.equal(answer.body.data.user.id, owner.userId, way);
  }
});

test('anything else is answered with 401', async () => {
  const { tokens } = service.service;
  const expired = await tokens.issue(owner.userId, { ttl: 60, now: Date.now() - 61_000 });
  const stranger = await tokens.issue(randomUUID(), { ttl: 60, now: Date.now() });
  const token = await tokens.issue(owner.userId, { ttl: 60, now: Date.now() });
  const other = (await service.newAccount()).credentials;
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
  const ways: Record<string, Record<string, string>> = {
    nothing: {},
    'empty headers': { authorization: '', 'stream-public-key': '', 'stream-secret-key': '' },
    'a wrong secret': basicHeaders(owner.publicKey, `${owner.secretKey}x`),
    "another key's secret": basicHeaders(owner.publicKey, other.secretKey),
    'an unknown key': basicHeaders('nobody', owner.secretKey),
    'a public key alone': { 'stream-public-key': owner.publicKey },
    'an empty secret': { 'stream-public-key': owner.publicKey, 'stream-secret-key': '' },
    'Basic that is no base64': { authorization: 'Basic %%%' },
    'Basic without a colon': { authorization: `Basic ${Buffer.from('abc').toString('base64')}` },
    'an expired token': { authorization: `Bearer ${expired}` },
    "a token of nobody's": { authorization: `Bearer ${stranger}` },
    'a token with another signature': { authorization: `Bearer ${token.slice(0, -6)}AAAAAA` },
    'a token that is not signed': { authorization: `Bearer ${unsigned}` },
    'a malformed token': { authorization: 'Bearer abc' },
    'an unknown scheme': { authorization: `Digest ${token}` },
  };
  for (const [way, headers] of Object.entries(ways)) {
    const answer = await whoAmI(headers);
    assert.equal(answer.status, 401, way);
    assertRefusal(answer, 'unauthorized');
  }
});

test('a key that expires is refused from that moment on', async () => {
  const key = await createKey({ ttl: '1' });
  const client = new ApiClient(service.service.url, key);
  await client.expect(200, 'GET', '/user/me');
  const refused = await eventually('the key expires', async () => {
    const answer = await client.call('GET', '/user/me');
    return answer.status === 200 ? null : answer;
  });
  assertRefusal(refused, 'unauthorized');
  const { publicKey } = key;
  const listed = (await service.client.expect(200, 'GET', '/api_keys?limit=100')).data.api_keys;
  assert.equal(listed.find((one: { public_key: string }) => one.public_key === publicKey).status, 'expired');
});

test('a key for uploads creates media and uploads to them, and does nothing else', async () => {
  const uploader = new ApiClient(service.service.url, await createKey({ type: 'only_upload' }));
  const id = await uploader.upload(Buffer.from('no media, but a file'), { is_public: false });
  const webhook = await service.client.createWebhook('https://example.com/hooks');
  const forbidden: [method: string, path: string, body?: unknown][] = [
    ['POST', '/media', {}],
    ['GET', `/media/${id}`],
    ['GET', `/media/${id}/player.json`],
    ['PATCH', `/media/${id}`, { title: 'mine' }],
    ['DELETE', `/media/${id}`],
    ['DELETE', `/media/${id}/thumbnail`],
    ['GET', '/media/cost?qualities=720p&type=video&duration=1'],
    ['GET', '/webhooks'],
    ['POST', '/webhooks', { url: 'https://example.com', ...ALL_EVENTS }],
    ['GET', `/webhooks/${webhook.id}/secret`],
    ['POST', `/webhooks/check/${webhook.id}`],
    ['GET', '/api_keys'],
    ['POST', '/api_keys', { api_key_name: 'more', type: 'full_access' }],
    ['GET', '/user/me'],
    ['POST', '/events', []],
  ];
  for (const [method, path, body] of forbidden) {
    assertRefusal(await uploader.call(method, path, body), 'forbidden');
  }
  // Public routes show the key what they show a stranger.
  for (const path of [`/assets/${id}/source`, `/assets/${id}/hls/master.m3u8`, `/player/${id}/hls`]) {
    const { headers } = uploader;
    assertRefusal(await answerOf(await fetch(service.service.url + path, { headers })), 'not_found');
  }
  const headers = basicHeaders(owner.publicKey, owner.secretKey);
  assert.equal((await fetch(`${service.service.url}/assets/${id}/source`, { headers })).status, 200);
  await service.client.expect(200, 'GET', `/media/${id}`);
});
