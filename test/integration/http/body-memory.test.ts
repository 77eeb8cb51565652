import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { exchangeRaw, openSocket, parseAnswer } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Memory for two requests of 10 KB of one account, or for two forms. */
const MEMORY = { bodies: 44_000, forms: 94_000 };
const BODY_BYTES = 10_000;

let service: TestService;
let other: ApiClient;

before(async () => {
  service = await startTestService({}, { bodyMemory: MEMORY });
  ({ client: other } = await service.newAccount());
});

after(() => service.stop());

function head(client: ApiClient | null, path: string, headers: Record<string, string | number>): string {
  const all = { host: 'x', ...client?.headers, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /api${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Sends the beginning of a request, and holds the connection. */
async function hold(text: string): Promise<Socket> {
  const socket = await openSocket(service.service.url);
  socket.write(text);
  return socket;
}

/** Returns the first answer to a request that is not sent completely. */
async function firstAnswer(text: string): Promise<string> {
  const socket = await hold(text);
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on('data', (bytes) => resolve(String(bytes)));
  const answer = await promise;
  socket.destroy();
  return answer;
}

const json = (bytes: number, more: Record<string, string> = {}) => ({
  'content-type': 'application/json',
  'content-length': bytes,
  ...more,
});

/**
 * Holds requests of `client` until one is refused, and asserts that another account is still served. Releases them, and
 * asserts that the first account is served again.
 */
async function fillAndRelease(request: (client: ApiClient | null) => string, client: ApiClient | null) {
  const held: Socket[] = [];
  for (let n = 0; n < 2; n += 1) held.push(await hold(request(client)));
  const refused = await eventually('a request is refused', async () => {
    const answer = await Promise.race([
      firstAnswer(request(client)),
      new Promise<null>((resolve) => setTimeout(resolve, 200, null)),
    ]);
    return answer;
  });
  assertRefusal(parseAnswer(refused), 'overloaded');
  assert.match(refused, /retry-after: \d/i);
  const admitted = await hold(request(other));
  const early = await Promise.race([
    new Promise<string>((resolve) => admitted.once('data', (bytes) => resolve(String(bytes)))),
    new Promise<null>((resolve) => setTimeout(resolve, 100, null)),
  ]);
  assert.equal(early, null, 'another account is still served');
  for (const socket of [...held, admitted]) socket.destroy();
}

test('bodies in progress are counted for their account before they are read', async () => {
  await fillAndRelease((client) => head(client, '/webhooks', json(BODY_BYTES)), service.client);
  const body = JSON.stringify({ url: 'x'.repeat(BODY_BYTES) });
  await eventually('the memory is free again', async () => {
    const { status } = await service.client.call('POST', '/webhooks', body);
    return status === 400;
  });
});

test('bodies without credentials are counted for their address', async () => {
  const refused: string[] = [];
  const held: Socket[] = [];
  const login = head(null, '/auth/login', json(BODY_BYTES));
  for (let n = 0; n < 3; n += 1) {
    const socket = await hold(login);
    socket.on('data', (bytes) => refused.push(String(bytes)));
    held.push(socket);
  }
  await eventually('the third is refused', async () => refused.length === 1);
  assertRefusal(parseAnswer(refused[0] ?? ''), 'overloaded');
  for (const socket of held) socket.destroy();
});

test('long headers of requests in progress are counted, too', async () => {
  const request = (client: ApiClient | null) =>
    head(client, '/webhooks', json(100, { 'x-long': 'x'.repeat(BODY_BYTES) }));
  await fillAndRelease(request, service.client);
});

test('the fields of forms in progress are counted, and a long field is refused', async () => {
  const { id } = await service.client.createMedia();
  const others = await other.createMedia();
  const form = (client: ApiClient | null) =>
    head(client, `/media/${client === other ? others.id : id}/part`, {
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': 1_000_000,
    });
  await fillAndRelease(form, service.client);
  const field = `--b\r\ncontent-disposition: form-data; name="long"\r\n\r\n${'x'.repeat(2_000)}\r\n--b--\r\n`;
  const whole = head(service.client, `/media/${id}/part`, {
    'content-type': 'multipart/form-data; boundary=b',
    'content-length': field.length,
    connection: 'close',
  });
  const answer = await exchangeRaw(service.service.url, whole + field);
  assertRefusal(answer, 'invalid_upload', ['long']);
});
