import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS, type ApiAnswer, type ApiClient } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const URL = 'https://example.com/hooks';
const EVENT_FIELDS = Object.keys(ALL_EVENTS);
/** All fields of a webhook in the contract, then our own, and no others. */
const FIELDS = [
  ...['id', 'user_id', 'name', 'url', ...EVENT_FIELDS],
  ...['created_at', 'updated_at', 'last_triggered_at', 'retry_schedule', 'max_in_flight'],
  ...['signature', 'public_key', 'previous_keys_until', 'headers'],
  ...['paused_at', 'pause_reason', 'failing_since', 'last_error'],
  ...['circuit', 'circuit_since', 'circuit_probe_at'],
];

let service: TestService;

before(async () => {
  service = await startTestService();
});

after(() => service.stop());

test('a webhook is created from JSON, with its secret shown', async () => {
  const { client } = service;
  const input = { url: URL, name: 'my server', file_received: true, encoding_failed: true };
  const { webhook } = (await client.expect(201, 'POST', '/webhooks', input)).data;
  assert.deepEqual(Object.keys(webhook), [...FIELDS, 'secret']);
  assert.match(webhook.secret, /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/);
  const { secret: _, id, created_at, updated_at, ...rest } = webhook;
  assert.deepEqual(rest, {
    user_id: client.credentials.userId,
    name: 'my server',
    url: URL,
    file_received: true,
    encoding_started: false,
    partial_finished: false,
    encoding_finished: false,
    encoding_failed: true,
    last_triggered_at: null,
    retry_schedule: 'default',
    max_in_flight: null,
    signature: 'hmac',
    public_key: null,
    previous_keys_until: null,
    headers: {},
    paused_at: null,
    pause_reason: null,
    failing_since: null,
    last_error: null,
    circuit: 'closed',
    circuit_since: null,
    circuit_probe_at: null,
  });
  const { webhook: found } = (await client.expect(200, 'GET', `/webhooks/${id}`)).data;
  assert.deepEqual(found, { ...rest, id, created_at, updated_at });
});

test('a webhook is created from a form', async () => {
  const form = (body: Record<string, string>) =>
    service.client.send('/webhooks', { method: 'POST', body: new URLSearchParams(body) } as RequestInit);
  const answer = await form({ url: URL, name: 'a form', file_received: 'true', encoding_failed: 'false' });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  const { webhook } = answer.body.data;
  assert.deepEqual([webhook.name, webhook.file_received, webhook.encoding_failed], ['a form', true, false]);
  assertRefusal(await form({ url: URL, file_received: 'perhaps' }), 'invalid_request', ['file_received']);
  assertRefusal(await form({ url: URL, file_received: 'false' }), 'invalid_request', EVENT_FIELDS);
  assertRefusal(await form({ file_received: 'true' }), 'invalid_request', ['url']);
});

test('a webhook keeps the policies that it is given, and other changes leave them', async () => {
  const { client } = service;
  const policies = { retry_schedule: [5, 0.5, 3600], max_in_flight: 3 };
  const { id } = await client.createWebhook(URL, { file_received: true, ...policies });
  const seen = async () => {
    const { retry_schedule, max_in_flight } = (await client.expect(200, 'GET', `/webhooks/${id}`)).data
      .webhook;
    return { retry_schedule, max_in_flight };
  };
  assert.deepEqual(await seen(), policies);
  await client.expect(200, 'PATCH', `/webhooks/${id}`, { name: 'renamed' });
  assert.deepEqual(await seen(), policies);
  await client.expect(200, 'PUT', `/webhooks/${id}`, { retry_schedule: 'exponential' });
  assert.deepEqual(await seen(), { retry_schedule: 'exponential', max_in_flight: 3 });
  await client.expect(200, 'PATCH', `/webhooks/${id}`, { retry_schedule: [], max_in_flight: null });
  assert.deepEqual(await seen(), { retry_schedule: [], max_in_flight: null });
});

test('policies out of bounds are refused, and named', async () => {
  const create = (fields: object) =>
    service.client.call('POST', '/webhooks', { url: URL, file_received: true, ...fields });
  for (const retry_schedule of ['often', 5, null, {}, Array(21).fill(1)]) {
    assertRefusal(await create({ retry_schedule }), 'invalid_request', ['retry_schedule']);
  }
  for (const delay of [-1, 2_592_001, '5']) {
    const answer = await create({ retry_schedule: [5, delay] });
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.match(answer.body.message, /retry_schedule\[1\]/);
  }
  for (const max_in_flight of [0, 1001, 1.5, '5']) {
    assertRefusal(await create({ max_in_flight }), 'invalid_request', ['max_in_flight']);
  }
});

test('a missing or empty name gets a default', async () => {
  for (const fields of [{}, { name: '' }, { name: ' \t' }]) {
    const input = { url: URL, file_received: true, ...fields };
    const { webhook } = (await service.client.expect(201, 'POST', '/webhooks', input)).data;
    assert.equal(webhook.name, 'Webhook');
  }
});

test('an invalid webhook is refused, and the answer names the field', async () => {
  const create = (fields: Record<string, unknown>) => service.client.call('POST', '/webhooks', fields);
  assertRefusal(await create({ ...ALL_EVENTS }), 'invalid_request', ['url']);
  for (const url of [
    '',
    'not-a-url',
    'example.com/x',
    'ftp://example.com/',
    'javascript:alert(1)',
    'http://',
  ]) {
    assertRefusal(await create({ url, ...ALL_EVENTS }), 'invalid_request', ['url']);
  }
  for (const url of ['https://user@example.com/', 'https://user:secret@example.com/', 7, null]) {
    assertRefusal(await create({ url, ...ALL_EVENTS }), 'invalid_request', ['url']);
  }
  assertRefusal(await create({ url: `${URL}/${'x'.repeat(2048)}`, ...ALL_EVENTS }), 'invalid_request', [
    'url',
  ]);
  assertRefusal(await create({ url: URL, name: 'n'.repeat(256), ...ALL_EVENTS }), 'invalid_request', [
    'name',
  ]);
  assertRefusal(await create({ url: URL }), 'invalid_request', EVENT_FIELDS);
  const allOff = Object.fromEntries(EVENT_FIELDS.map((field) => [field, false]));
  assertRefusal(await create({ url: URL, ...allOff }), 'invalid_request', EVENT_FIELDS);
  assertRefusal(await create({}), 'invalid_request', ['url']);
  assertRefusal(await service.client.call('POST', '/webhooks'), 'invalid_request', ['body']);
});

test('PUT and PATCH change the given fields, and leave the rest', async () => {
  const { client } = service;
  const { id } = await client.createWebhook(URL, { name: 'before', file_received: true });
  const webhook = async () => (await client.expect(200, 'GET', `/webhooks/${id}`)).data.webhook;
  const before = await webhook();
  const changed = await client.expect(200, 'PATCH', `/webhooks/${id}`, { name: 'after' });
  assert.deepEqual(Object.keys(changed), ['status', 'message']);
  const { updated_at, ...renamed } = await webhook();
  assert.ok(updated_at >= before.updated_at);
  const { updated_at: _, ...rest } = before;
  assert.deepEqual(renamed, { ...rest, name: 'after' });

  await client.expect(200, 'PUT', `/webhooks/${id}`, { encoding_failed: true, file_received: false });
  const { file_received, encoding_failed, name } = await webhook();
  assert.deepEqual([file_received, encoding_failed, name], [false, true, 'after']);
  await client.expect(200, 'PUT', `/webhooks/${id}`, { url: 'https://example.org/' });
  assert.equal((await webhook()).url, 'https://example.org/');
  const form = new URLSearchParams({ encoding_started: 'true' });
  assert.equal((await client.send(`/webhooks/${id}`, { method: 'PUT', body: form })).status, 200);
  assert.equal((await webhook()).encoding_started, true);
});

test('a change to an invalid webhook is refused, and changes nothing', async () => {
  const { client } = service;
  const { id } = await client.createWebhook(URL, { name: 'before', file_received: true });
  const before = await client.expect(200, 'GET', `/webhooks/${id}`);
  for (const method of ['PUT', 'PATCH']) {
    const change = (fields: unknown) => client.call(method, `/webhooks/${id}`, fields);
    const refused = await change({ name: 'after', file_received: false });
    assertRefusal(refused, 'invalid_request', EVENT_FIELDS);
    assertRefusal(await change({ name: 'after', url: 'not-a-url' }), 'invalid_request', ['url']);
    assertRefusal(await change({ name: 'after', url: 'http://10.1.2.3/' }), 'url_not_allowed', ['url']);
    assertRefusal(await change({ name: 7 }), 'invalid_request', ['name']);
    assertRefusal(await change(undefined), 'invalid_request', ['body']);
  }
  assert.deepEqual(await client.expect(200, 'GET', `/webhooks/${id}`), before);
});

test('the secret is shown only by its own route, and stays the same', async () => {
  const { client } = service;
  const { id, secret } = await client.createWebhook(URL);
  assert.deepEqual((await client.expect(200, 'GET', `/webhooks/${id}/secret`)).data, { secret });
  await client.expect(200, 'PATCH', `/webhooks/${id}`, { name: 'after' });
  assert.deepEqual((await client.expect(200, 'GET', `/webhooks/${id}/secret`)).data, { secret });
  const list = await client.call('GET', '/webhooks?limit=100');
  assert.ok(!JSON.stringify(list.body).includes('whsec_'));
});

test('a removed webhook is gone, and its pending deliveries are cancelled', async () => {
  const { client } = service;
  const receiver = await Receiver.start();
  const { id } = await client.createWebhook(receiver.url, { encoding_failed: true });
  receiver.answer((_request, response) => void response.writeHead(500).end());
  await client.upload(Buffer.from('no media, but a file'));
  await receiver.untilCount(1);
  const { deliveries } = (await client.expect(200, 'GET', `/webhooks/${id}/deliveries`)).data;
  const removed = await client.expect(200, 'DELETE', `/webhooks/${id}`);
  assert.deepEqual(Object.keys(removed), ['status', 'message']);
  for (const [method, path, body] of [
    ['GET', ''],
    ['GET', '/secret'],
    ['PATCH', '', { name: 'x' }],
    ['DELETE', ''],
  ] as const) {
    assertRefusal(await client.call(method, `/webhooks/${id}${path}`, body), 'not_found', []);
  }
  assertRefusal(await client.call('POST', `/webhooks/check/${id}`), 'not_found', []);
  const { delivery } = (await client.expect(200, 'GET', `/deliveries/${deliveries[0].id}`)).data;
  assert.equal(delivery.state, 'cancelled');
  assert.equal(delivery.next_attempt_at, null);
  const left = await client.expect(200, 'GET', `/webhooks/${id}/deliveries?state=cancelled`);
  assert.deepEqual(
    left.data.deliveries.map((one: { id: string }) => one.id),
    [deliveries[0].id],
  );
  const { client: other } = await service.newAccount();
  assertRefusal(await other.call('GET', `/webhooks/${id}/deliveries`), 'not_found', []);
  assertRefusal(await client.call('POST', `/deliveries/${delivery.id}/retry`), 'conflict');
  await receiver.stop();
});

async function listing(client: ApiClient, query: string): Promise<string[]> {
  const { webhooks, total } = (await client.expect(200, 'GET', `/webhooks?${query}`)).data;
  if (!/limit|offset/.test(query)) assert.equal(total, webhooks.length, query);
  return webhooks.map(({ name }: { name: string }) => name);
}

test('the list is searched, filtered, ordered and paged', async () => {
  const { client } = await service.newAccount();
  for (const [name, event] of [
    ['b-Server', 'file_received'],
    ['a_server', 'encoding_started'],
    ['d 100%', 'partial_finished'],
    ['c', 'encoding_finished'],
    ['e', 'encoding_failed'],
  ] as const) {
    await client.createWebhook(URL, { name, [event]: true });
  }
  const byCreation = ['b-Server', 'a_server', 'd 100%', 'c', 'e'];
  assert.deepEqual(await listing(client, ''), byCreation);
  assert.deepEqual(await listing(client, 'order_by=desc'), byCreation.toReversed());
  assert.deepEqual(await listing(client, 'sort_by=name'), byCreation.toSorted());
  assert.deepEqual(await listing(client, 'sort_by=name&order_by=desc'), byCreation.toSorted().toReversed());
  assert.deepEqual(await listing(client, 'search=SERVER'), ['b-Server', 'a_server']);
  assert.deepEqual(await listing(client, 'search='), byCreation);
  assert.deepEqual(await listing(client, 'search=%25'), ['d 100%']);
  assert.deepEqual(await listing(client, 'search=_'), ['a_server']);
  for (const [index, event] of EVENT_FIELDS.entries()) {
    assert.deepEqual(await listing(client, `${event}=true`), [byCreation[index]]);
    assert.deepEqual(await listing(client, `${event}=false`), byCreation.toSpliced(index, 1));
  }
  assert.deepEqual(await listing(client, 'file_received=true&encoding_failed=true'), []);
  assert.deepEqual(await listing(client, 'limit=2'), byCreation.slice(0, 2));
  assert.deepEqual(await listing(client, 'limit=2&offset=4'), ['e']);
  assert.deepEqual(await listing(client, 'offset=5'), []);
  const page: ApiAnswer = await client.call('GET', '/webhooks?limit=1&offset=1');
  assert.equal(page.body.data.total, 5);
  assert.deepEqual(Object.keys(page.body.data.webhooks[0]), FIELDS);
  for (const query of ['limit=100', 'limit=1', 'offset=0']) await listing(client, query);
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['offset=-1', 'offset'],
    ['offset=1.5', 'offset'],
    ['sort_by=secret', 'sort_by'],
    ['order_by=up', 'order_by'],
    ['file_received=2', 'file_received'],
  ] as const) {
    assertRefusal(await client.call('GET', `/webhooks?${query}`), 'invalid_request', [field]);
  }
});
