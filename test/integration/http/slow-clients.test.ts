import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { exchangeRaw, openSocket, parseAnswer } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const MAX_CONNECTIONS = 8;

let service: TestService;

before(async () => {
  service = await startTestService(
    { MEDIAHOOKS_MAX_CONNECTIONS: String(MAX_CONNECTIONS) },
    { headersMs: 300, keepAliveMs: 200 },
  );
});

after(() => service.stop());

const connections = () =>
  fetch(`${service.service.url}/healthz`, { headers: { connection: 'close' } }).then(({ status }) => status);

function post(path: string, client: TestService['client'], body: string): string {
  const { publicKey, secretKey } = client.credentials;
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: x',
    'connection: close',
    `stream-public-key: ${publicKey}`,
    `stream-secret-key: ${secretKey}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

test('headers that arrive too slowly end the connection', async () => {
  const socket = await openSocket(service.service.url);
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n');
  const trickle = setInterval(() => socket.write('x-more: 1\r\n'), 50);
  const answer = Buffer.concat(await socket.toArray()).toString('utf8');
  clearInterval(trickle);
  assertRefusal(parseAnswer(answer), 'invalid_request');
  assert.match(answer, /did not arrive in time/);
});

test('a connection without a further request is closed', async () => {
  const socket = await openSocket(service.service.url);
  socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
  const [first] = await once(socket, 'data');
  assert.match(String(first), /^HTTP\/1\.1 200 /);
  socket.resume();
  await once(socket, 'close');
});

test('headers and URLs that are too long are refused', async () => {
  for (const head of [
    `GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(17_000)}\r\n\r\n`,
    `GET /healthz HTTP/1.1\r\nhost: x\r\n${'x: 1\r\n'.repeat(6_000)}\r\n`,
    `GET /api/media?x=${'x'.repeat(17_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  ]) {
    const answer = await exchangeRaw(service.service.url, head);
    assertRefusal(answer, 'invalid_request', []);
    assert.match(answer.body.message, /headers are too large/);
  }
});

test('connections beyond the maximum are closed, and new ones accepted once there is room', async () => {
  const idle = await Promise.all(
    Array.from({ length: MAX_CONNECTIONS }, async () => {
      const socket = await openSocket(service.service.url);
      // Without a whole request, neither the keep-alive time nor an answer ends the connection before this test does.
      socket.on('error', () => undefined).write('GET /');
      return socket;
    }),
  );
  const refused = await openSocket(service.service.url);
  refused.on('error', () => undefined);
  refused.resume();
  await once(refused, 'close');
  for (const socket of idle) socket.destroy();
  await eventually('there is room', async () => (await connections().catch(() => 0)) === 200);
  const { metrics } = await fetch(`${service.service.url}/metrics`, {
    headers: { connection: 'close' },
  }).then(async (response) => ({ metrics: await response.text() }));
  const dropped = /mediahooks_requests_refused_total\{limit="connections"\} (\d+)/.exec(metrics)?.[1];
  assert.ok(Number(dropped) >= 1, metrics);
});

test('deeply nested JSON is refused, and costs next to nothing', async () => {
  const { client, operator } = service;
  const brackets = '['.repeat(1_000_000);
  const refused = await exchangeRaw(service.service.url, post('/api/events', operator, brackets));
  assertRefusal(refused, 'invalid_request', []);
  assert.match(refused.body.message, /nested too deep/);
  const smaller = await exchangeRaw(
    service.service.url,
    post('/api/webhooks', client, '{"a":'.repeat(50_000)),
  );
  assertRefusal(smaller, 'invalid_request', []);
  const shallow = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  for (const path of ['/api/events', '/api/webhooks', '/api/media/create']) {
    const answer = await exchangeRaw(service.service.url, post(path, operator, shallow));
    assertRefusal(answer, 'invalid_request');
  }
});

test('bodies have a limit for each route, values for their number', async () => {
  const { client, operator } = service;
  const keys = `{${Array.from({ length: 30_000 }, (_, n) => `"k${n}":1`).join()}}`;
  assertRefusal(await client.call('POST', '/webhooks', keys), 'invalid_request', []);
  const large = JSON.stringify({ title: 'x'.repeat(600_000) });
  assertRefusal(await client.call('POST', '/media/create', large), 'too_large', []);
  assertRefusal(await operator.call('POST', '/events', `[${'1,'.repeat(1_500_000)}1]`), 'invalid_request');
  const form = await client.send('/webhooks', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'a=&'.repeat(30_000),
  });
  assertRefusal(form, 'too_large', []);
});

test('forms with more fields than any client sends are refused', async () => {
  const { id } = await service.client.createMedia();
  const form = new FormData();
  for (let n = 0; n < 50; n += 1) form.append(`field${n}`, 'x');
  form.append('file', new Blob(['x']), 'f');
  const answer = await service.client.send(`/media/${id}/part`, { method: 'POST', body: form });
  assertRefusal(answer, 'invalid_upload', []);
});
