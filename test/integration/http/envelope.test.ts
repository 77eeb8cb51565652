import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ALL_EVENTS, type ApiAnswer, ApiClient } from '../../support/service/api-client.ts';
import { exchangeRaw } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let nobody: ApiClient;

before(async () => {
  service = await startTestService();
  nobody = new ApiClient(service.service.url, service.client.credentials, {});
});

after(() => service.stop());

function assertSuccess(answer: ApiAnswer): void {
  const shown = `${answer.status} ${JSON.stringify(answer.body)}`;
  assert.ok(answer.status >= 200 && answer.status < 300, shown);
  assert.equal(answer.contentType, 'application/json', shown);
  assert.equal(answer.body.status, 'success', shown);
}

test('every success is JSON in the envelope, DELETE too', async () => {
  const { client } = service;
  const webhook = await client.call('POST', '/webhooks', { url: 'https://example.com/', ...ALL_EVENTS });
  const media = await client.call('POST', '/media/create', { title: 'A clip' });
  const key = await client.call('POST', '/api_keys', { api_key_name: 'a key' });
  const ids = {
    webhook: webhook.body.data.webhook.id,
    media: media.body.data.id,
    key: key.body.data.api_key.id,
  };
  const answers = [webhook, media, key];
  for (const [method, path, body] of [
    ['GET', '/webhooks'],
    ['GET', `/webhooks/${ids.webhook}`],
    ['PATCH', `/webhooks/${ids.webhook}`, { name: 'other' }],
    ['GET', `/webhooks/${ids.webhook}/deliveries`],
    ['DELETE', `/webhooks/${ids.webhook}`],
    ['POST', '/media'],
    ['GET', `/media/${ids.media}`],
    ['PATCH', `/media/${ids.media}`, { title: 'other' }],
    ['DELETE', `/media/${ids.media}/thumbnail`],
    ['DELETE', `/media/${ids.media}`],
    ['GET', '/api_keys'],
    ['PATCH', `/api_keys/${ids.key}`, { api_key_name: 'other' }],
    ['DELETE', `/api_keys/${ids.key}`],
    ['GET', '/user/me'],
  ] as const) {
    answers.push(await client.call(method, path, body));
  }
  for (const answer of answers) assertSuccess(answer);
  for (const answer of answers) {
    assert.ok('data' in answer.body || answer.body.message.length > 0, JSON.stringify(answer.body));
  }
});

test('empty lists are []', async () => {
  const { client } = await service.newAccount();
  assert.deepEqual((await client.expect(200, 'GET', '/webhooks')).data, { webhooks: [], total: 0 });
  assert.deepEqual((await client.expect(200, 'POST', '/media')).data, { media: [], total: 0 });
  const { id } = (await client.expect(200, 'POST', '/media/create', { title: 'A clip' })).data;
  const media = (await client.expect(200, 'GET', `/media/${id}`)).data;
  for (const list of ['tags', 'metadata', 'captions', 'chapters']) assert.deepEqual(media[list], []);
});

test('timestamps are RFC 3339 in UTC with milliseconds', async () => {
  const webhook = (
    await service.client.expect(201, 'POST', '/webhooks', { url: 'https://example.com/', ...ALL_EVENTS })
  ).data.webhook;
  assert.match(webhook.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(webhook.updated_at, webhook.created_at);
  assert.equal(webhook.last_triggered_at, null);
});

test('an unknown route is 404, with and without credentials, and the message repeats the request', async () => {
  for (const [method, path] of [
    ['GET', '/nothing'],
    ['POST', '/media/'],
    ['GET', '/api_keys/'],
  ] as const) {
    const answer = await service.client.call(method, path);
    assertRefusal(answer, 'not_found', []);
    assert.match(answer.body.message, new RegExp(`${method} /api${path}`));
    assertRefusal(await nobody.call(method, path), 'not_found', []);
  }
});

test('an id that is empty or malformed is a 4xx', async () => {
  for (const [method, path, body] of [
    ['GET', '/media/'],
    ['GET', '/media//complete'],
    ['GET', '/media//player.json'],
    ['DELETE', '/media/'],
    ['DELETE', '/media//thumbnail'],
    ['PATCH', '/media/', { title: 'x' }],
    ['GET', '/webhooks/'],
    ['PATCH', '/webhooks/', { name: 'x' }],
    ['DELETE', '/webhooks/'],
    ['POST', '/webhooks/check/'],
    ['PATCH', '/api_keys/', { api_key_name: 'x' }],
    ['DELETE', '/api_keys/'],
    ['GET', '/deliveries/'],
  ] as const) {
    const answer = await service.client.call(method, path, body);
    assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${path}: ${answer.status}`);
    assertRefusal(answer, answer.body.code);
  }
  for (const id of ['invalid-id', '1', "'%20or%201=1--", '%00', 'x'.repeat(2000)]) {
    assertRefusal(await service.client.call('GET', `/media/${id}`), 'invalid_request', ['id']);
    assertRefusal(await service.client.call('DELETE', `/webhooks/${id}`), 'invalid_request', ['id']);
  }
});

test('each invalid field is named', async () => {
  const wrong = {
    title: 't'.repeat(256),
    description: 'd'.repeat(1001),
    is_public: 'true',
    type: 'picture',
    tags: ['ok', 7],
    metadata: [{ value: 'without key' }],
    qualities: [{ resolution: '721p' }],
  };
  assertRefusal(await service.client.call('POST', '/media/create', wrong), 'invalid_request', [
    'title',
    'description',
    'is_public',
    'type',
    'tags[1]',
    'metadata[0].key',
    'qualities[0].resolution',
  ]);
  const query = '/webhooks?offset=-1&limit=101&sort_by=secret&order_by=up&file_received=maybe';
  assertRefusal(await service.client.call('GET', query), 'invalid_request', [
    'offset',
    'limit',
    'sort_by',
    'order_by',
    'file_received',
  ]);
});

test('errors are described in words for people', async () => {
  const { client, operator } = service;
  const phrase = async (method: string, path: string, body?: unknown, caller = client) => {
    const { message } = (await caller.call(method, path, body)).body;
    assert.doesNotMatch(message, /must (NOT|match|be (string|object|boolean|integer))/);
    return message;
  };
  assert.equal(await phrase('GET', '/media/1'), 'id: expected a UUID');
  assert.equal(await phrase('POST', '/media/create', { title: '' }), 'title: must not be blank');
  assert.equal(await phrase('POST', '/media/create', { title: 7 }), 'title: expected a string');
  assert.equal(
    await phrase('POST', '/media/create', { title: 'x'.repeat(256) }),
    'title: must have at most 255 characters',
  );
  assert.equal(await phrase('POST', '/webhooks', ''), 'body: expected a JSON object');
  assert.equal(await phrase('POST', '/webhooks', {}), 'url: is required');
  assert.equal(await phrase('GET', '/webhooks?limit=101'), 'limit: must be at most 100');
  assert.equal(await phrase('GET', '/webhooks?file_received=maybe'), 'file_received: expected true or false');
  assert.equal(
    await phrase('POST', '/api_keys', { api_key_name: 'a key', ttl: 'soon' }),
    'ttl: expected only digits',
  );
  assert.equal(await phrase('POST', '/api_keys', { api_key_name: ' ' }), 'api_key_name: must not be blank');
  assert.equal(
    await phrase('POST', '/events', '', operator),
    'body: expected a JSON object; body: expected a list',
  );
  assert.match(
    await phrase('POST', '/events', { type: 'file.received', event_id: 'e', emitted_at: 'now' }, operator),
    /emitted_at: expected a time such as 2026-/,
  );
});

test('an infinite duration has no price', async () => {
  const cost = (duration: string) =>
    service.client.call('GET', `/media/cost?qualities=720p&type=video&duration=${duration}`);
  assert.equal((await cost('120.5')).status, 200);
  for (const duration of ['Infinity', 'NaN', '1e309', '-1']) {
    assertRefusal(await cost(duration), 'invalid_request', ['duration']);
  }
  assertRefusal(await service.client.call('GET', '/webhooks?limit=Infinity'), 'invalid_request', ['limit']);
});

test('the root says where to continue, and /healthz that the service is ready', async () => {
  const root = await fetch(service.service.url);
  assert.equal(root.status, 200);
  assert.equal(root.headers.get('content-type'), 'application/json');
  const said = (await root.json()) as { message: string };
  const [page = '', description = ''] = Array.from(said.message.matchAll(/\/api\/[\w./]+/g), String);
  assert.match(await (await fetch(service.service.url + page)).text(), /^<!doctype html>/);
  const described = await fetch(service.service.url + description);
  assert.match(((await described.json()) as { openapi: string }).openapi, /^3\.1/);
  const health = await fetch(`${service.service.url}/healthz`);
  assert.equal(health.status, 200);
  assert.deepEqual(await health.json(), { status: 'ok' });
});

test('JSON is accepted as it is: a number is not a string, and unknown fields are ignored', async () => {
  const { client } = service;
  assertRefusal(await client.call('POST', '/media/create', { title: 7 }), 'invalid_request', ['title']);
  assertRefusal(await client.call('POST', '/media/create', { title: 'x', is_public: 1 }), 'invalid_request', [
    'is_public',
  ]);
  const media = await client.createMedia({
    title: 'x',
    watermark: { id: 'w' },
    user_id: 'me',
    status: 'done',
  });
  assert.equal(media.user_id, client.credentials.userId);
  assert.equal(media.status, 'new');
});

test('a body of a kind that the route does not accept is refused with the reason', async () => {
  const { client } = service;
  const send = (body: string, type?: string) =>
    client.send('/media/create', { method: 'POST', body, headers: type ? { 'content-type': type } : {} });
  assertRefusal(await send('{"title":', 'application/json'), 'invalid_request');
  assertRefusal(await send('{"title":"x","__proto__":{}}', 'application/json'), 'invalid_request');
  for (const body of ['null', '7', '"title"', '[]', '']) {
    assertRefusal(await send(body, 'application/json'), 'invalid_request', ['body']);
  }
  assertRefusal(await client.call('POST', '/media/create'), 'invalid_request', ['body']);
  assertRefusal(await send('title', 'text/plain'), 'unsupported_media_type');
  assertRefusal(await send('<title/>', 'application/xml'), 'unsupported_media_type');
  assertRefusal(await send('title', 'nonsense'), 'unsupported_media_type');
  const form = new FormData();
  form.append('title', new Blob(['x']), 'x');
  for (const path of ['/media', '/media/create', '/webhooks', '/api_keys']) {
    const refused = await client.send(path, { method: 'POST', body: form });
    assertRefusal(refused, 'unsupported_media_type');
  }
  const answer = await send('{"title":"x"}', 'application/json; charset=utf-8');
  assert.equal(answer.status, 200);
  assert.equal(answer.contentType, 'application/json');
});

test('a body that is too large is 413', async () => {
  const body = JSON.stringify({ title: 'x', description: 'd'.repeat(5 * 1024 * 1024) });
  assertRefusal(await service.client.call('POST', '/media/create', body), 'too_large');
});

test('errors of HTTP itself are answered in the same form', async () => {
  const { url } = service.service;
  for (const text of [
    'this is no HTTP\r\n\r\n',
    'GET /api/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'GET /api/user/me HTTP/1.1\r\nconnection: close\r\n\r\n',
    'POST /api/media HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n',
    `GET /api/user/me HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`,
  ]) {
    const answer = await exchangeRaw(url, text);
    assertRefusal(answer, 'invalid_request');
  }
});

test('an unknown expectation is ignored', async () => {
  const text = 'GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: the-unexpected\r\nconnection: close\r\n\r\n';
  const answer = await exchangeRaw(service.service.url, text);
  assert.deepEqual(
    [answer.status, answer.contentType, answer.body],
    [200, 'application/json', { status: 'ok' }],
  );
});
