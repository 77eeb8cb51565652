import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { mediaDir, partsDir } from '../../../src/media/files/media-files.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { openSocket } from '../../support/service/raw-http.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const IDLE_MS = 400;

let service: TestService;

before(async () => {
  service = await startTestService({}, { bodyIdleMs: IDLE_MS });
});

after(() => service.stop());

function head(path: string, headers: Record<string, string>): string {
  const { publicKey, secretKey } = service.client.credentials;
  const all = {
    host: 'x',
    connection: 'close',
    'stream-public-key': publicKey,
    'stream-secret-key': secretKey,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const FORM_START = '--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n';
const FORM_END = '\r\n--b--\r\n';

function partHead(id: string, bytes: number): string {
  const length = String(FORM_START.length + bytes + FORM_END.length);
  const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': length };
  return head(`/api/media/${id}/part`, headers) + FORM_START;
}

const unfinished = (id: string) => readdir(partsDir(mediaDir(service.dataDir, id))).catch(() => []);

/** Reads until the service closes the connection. */
async function answerOn(socket: Socket): Promise<string> {
  return Buffer.concat(await socket.toArray()).toString('utf8');
}

test('an upload that stalls is cut off, and leaves nothing', async () => {
  const { id } = await service.client.createMedia();
  const socket = await openSocket(service.service.url);
  socket.write(partHead(id, 100_000));
  socket.write(randomBytes(70_000));
  await eventually('the part is being written', async () => (await unfinished(id)).length === 1);
  assert.match(await answerOn(socket), /^HTTP\/1\.1 400 .*did not arrive in time/s);
  await eventually('nothing is left of it', async () => (await unfinished(id)).length === 0);
});

test('any other body that stalls is cut off, too', async () => {
  const socket = await openSocket(service.service.url);
  socket.write(head('/api/webhooks', { 'content-type': 'application/json', 'content-length': '100' }));
  socket.write('{"url":');
  assert.match(await answerOn(socket), /^HTTP\/1\.1 400 /);
});

test('the body of an ordinary request to publish that stalls is cut off, too', async () => {
  const { operator } = service;
  // The credential is cached, so that the next request is answered directly.
  await operator.expect(200, 'GET', '/user/me');
  const { publicKey, secretKey } = operator.credentials;
  const key = { 'stream-public-key': publicKey, 'stream-secret-key': secretKey };
  const socket = await openSocket(service.service.url);
  const headers = { ...key, 'content-type': 'application/json', 'content-length': '100' };
  socket.write(head('/api/events', { ...headers, 'x-request-id': 'stalled' }));
  socket.write('{"type":');
  const answer = await answerOn(socket);
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /^x-request-id: stalled\r$/m);
  assert.match(answer, /"the request did not arrive in time"/);
});

test('an upload that is slow, and takes several times the limit, is accepted', async () => {
  const { id } = await service.client.createMedia();
  const socket = await openSocket(service.service.url);
  const rounds = 20;
  socket.write(partHead(id, rounds * 1000));
  const start = Date.now();
  for (let round = 0; round < rounds; round += 1) {
    socket.write(randomBytes(1000));
    // This tests the pace of the client.
    await delay(IDLE_MS / 4);
  }
  assert.ok(Date.now() - start > 3 * IDLE_MS);
  socket.write(FORM_END);
  assert.match(await answerOn(socket), /^HTTP\/1\.1 200 /);
  await service.client.expect(200, 'GET', `/media/${id}/complete`);
});
