import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { examplesIn } from '../../../src/http/openapi/description.ts';
import {
  type DescribedOperation,
  fetchDescription,
  operationsIn,
} from '../../support/docs/api-description.ts';
import { ALL_EVENTS, type ApiClient } from '../../support/service/api-client.ts';
import { CONSOLE_HEADERS } from '../../support/service/console-browser.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let operations: DescribedOperation[];

before(async () => {
  service = await startTestService();
  operations = operationsIn(await fetchDescription(service.service.url));
});

after(() => service.stop());

/** Calls an operation of the API with an id of nothing. */
function call(
  { method, path }: DescribedOperation,
  query: string,
  body?: unknown,
  client: ApiClient = service.operator,
) {
  const below = path.replace('/api', '').replaceAll(/\{\w+\}/g, randomUUID());
  return client.call(method.toUpperCase(), below + query, body, CONSOLE_HEADERS);
}

test('an unknown parameter of a query is named, on every operation of the API', async () => {
  const ofApi = operations.filter(({ path }) => path.startsWith('/api/'));
  assert.ok(ofApi.length > 30);
  for (const one of ofApi) {
    const isForm = one.operation.requestBody?.content['multipart/form-data'] !== undefined;
    const answer = isForm
      ? await service.operator.send(
          `${one.path.replace('/api', '').replace('{id}', randomUUID())}?colour=red`,
          {
            method: 'POST',
            body: new FormData(),
          },
        )
      : await call(one, '?colour=red&__proto__=1');
    assertRefusal(answer, 'invalid_request', isForm ? ['colour'] : ['colour', '__proto__']);
    assert.match(answer.body.message, /colour: is not a parameter of this operation/, one.name);
  }
});

test('a misspelt parameter leads to the one that was meant, and a long one is not repeated', async () => {
  const { client } = service;
  const { id } = await client.createWebhook('https://example.com/', ALL_EVENTS);
  const answer = await client.call('GET', `/webhooks/${id}/deliveries?mediaId=1`);
  assert.equal(
    answer.body.message,
    'mediaId: is not a parameter of this operation; did you mean `media_id`?',
  );
  const long = await client.call('GET', `/webhooks?${'x'.repeat(5_000)}=1`);
  assert.ok(long.body.message.length < 200);
  const many = await client.call(
    'GET',
    `/webhooks?${Array.from({ length: 500 }, (_, n) => `x${n}=1`).join('&')}`,
  );
  assert.equal(many.body.details.length, 20);
});

test('nobody learns without credentials which parameters an operation has', async () => {
  const response = await fetch(`${service.service.url}/api/webhooks?colour=red`);
  await response.body?.cancel();
  assert.equal(response.status, 401);
});

test('files, players and probes are answered with any query, because caches and load balancers add to it', async () => {
  const { url } = service.service;
  for (const [path, status] of [
    ['/healthz', 200],
    ['/readyz', 200],
    ['/metrics', 200],
    ['/', 200],
    ['/api/docs', 200],
    ['/api/openapi.json', 200],
    [`/assets/${randomUUID()}/hls/master.m3u8`, 404],
    [`/player/${randomUUID()}/hls`, 404],
  ] as const) {
    const response = await fetch(`${url}${path}?_=1764500000`);
    await response.body?.cancel();
    assert.equal(response.status, status, path);
  }
});

test('the token that public clients send for a player is accepted', async () => {
  const { id } = await service.client.createMedia();
  await service.client.expect(200, 'GET', `/media/${id}/player.json?token=x`);
});

test('an unknown field of a JSON body is named in the answer, on every operation that takes JSON', async () => {
  const taking = operations.filter(({ operation }) => operation.requestBody?.content['application/json']);
  assert.ok(taking.length > 10);
  for (const one of taking) {
    const content = one.operation.requestBody?.content['application/json'] ?? assert.fail();
    const [example] = examplesIn(content);
    const { body, status } = await call(one, '', { ...(example as object), colour: 'red' });
    assert.deepEqual(
      body.warnings,
      [{ field: 'colour', message: 'is not known, and was ignored' }],
      `${one.name}: ${status} ${JSON.stringify(body)}`,
    );
  }
});

test('a misspelt field of a success or an error leads to the one that was meant', async () => {
  const { client } = service;
  const created = await client.expect(201, 'POST', '/webhooks', {
    url: 'https://example.com/',
    ...ALL_EVENTS,
    maxInFlight: 3,
  });
  assert.deepEqual(
    [created.data.webhook.max_in_flight, created.warnings],
    [
      null,
      [{ field: 'maxInFlight', message: 'is not known, and was ignored; did you mean `max_in_flight`?' }],
    ],
  );
  const refused = await client.call('POST', '/webhooks', { ulr: 'https://example.com/', ...ALL_EVENTS });
  assert.deepEqual([refused.status, refused.body.message], [400, 'url: is required']);
  assert.deepEqual(
    refused.body.warnings.map(({ field }: { field: string }) => field),
    ['ulr'],
  );
  const nested = await client.expect(200, 'POST', '/media/create', {
    title: 'x',
    metadata: [{ key: 'a', value: 'b', unit: 1 }],
  });
  assert.deepEqual(
    nested.warnings.map(({ field }: { field: string }) => field),
    ['metadata[0].unit'],
  );
});

test('an answer to a body without unknown fields has no warnings, and neither has one without a body', async () => {
  const { client } = service;
  const answers = [
    await client.expect(200, 'POST', '/media', {}),
    await client.expect(200, 'POST', '/media'),
    await client.expect(200, 'GET', '/webhooks'),
    (await client.call('POST', '/webhooks', {})).body,
  ];
  for (const answer of answers) assert.ok(!('warnings' in answer), JSON.stringify(answer));
});

test('a body without a content type, or with a wrong one, gets a message that names the header', async () => {
  const { url } = service.service;
  const { id } = await service.client.createMedia();
  const json = '{"title":"x"}';
  const send = async (type: string | null, body: string, path = '/api/media/create') => {
    // A body of bytes has no content type unless one is set.
    const headers = { ...service.client.headers, ...(type && { 'content-type': type }) };
    const response = await fetch(url + path, { method: 'POST', body: Buffer.from(body), headers });
    const answer = {
      status: response.status,
      contentType: response.headers.get('content-type'),
      body: JSON.parse(await response.text()),
    };
    assertRefusal(answer, 'unsupported_media_type');
    return answer.body.message;
  };
  assert.equal(
    await send(null, json),
    'the header Content-Type is missing; send Content-Type: application/json',
  );
  assert.equal(
    await send('text/plain;charset=UTF-8', json),
    'the header Content-Type is text/plain;charset=UTF-8, which is not accepted here; send Content-Type: application/json',
  );
  assert.match(
    await send(null, json, '/api/webhooks'),
    /send Content-Type: application\/json or application\/x-www-/,
  );
  assert.match(await send(null, json, `/api/media/${id}/part`), /send Content-Type: multipart\/form-data/);
  assert.match(
    await send('application/json', json, `/api/media/${id}/part`),
    /is application\/json, .* multipart/,
  );
  assert.match(
    await send('text/plain', json, `/api/webhooks/${randomUUID()}/pause`),
    /this operation needs no body/,
  );
  for (const body of [json, ' [1]', '{\n "url": "https://example.com/?a=1&b=2" }'])
    assert.match(
      await send('application/x-www-form-urlencoded', body, '/api/webhooks'),
      /the body is JSON, but the header Content-Type says application\/x-www-form-urlencoded/,
    );
});
