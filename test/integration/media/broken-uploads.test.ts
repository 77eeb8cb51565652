import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { mediaDir, partsDir } from '../../../src/media/files/media-files.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { openSocket } from '../../support/service/raw-http.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const SIZE = 1_000_000;

let service: TestService;
let client: ApiClient;

before(async () => {
  service = await startTestService();
  client = service.client;
});

after(() => service.stop());

const HEAD = '--limit\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n';
const TAIL = '\r\n--limit--\r\n';

/** Announces a part of `SIZE` bytes, and sends none of them; fulfils when the service asks for them. */
async function announce(id: string): Promise<Socket> {
  const { publicKey, secretKey } = client.credentials;
  const socket = await openSocket(service.service.url);
  socket.write(
    [
      `POST /api/media/${id}/part HTTP/1.1`,
      'host: x',
      'connection: close',
      `stream-public-key: ${publicKey}`,
      `stream-secret-key: ${secretKey}`,
      'content-type: multipart/form-data; boundary=limit',
      `content-range: bytes 0-${SIZE - 1}/${SIZE}`,
      `content-length: ${HEAD.length + SIZE + TAIL.length}`,
      'expect: 100-continue',
      '\r\n',
    ].join('\r\n'),
  );
  const [goOn] = await once(socket, 'data');
  assert.equal(String(goOn), 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.pause();
  return socket;
}

/** Begins to send a part of `SIZE` bytes, and stops half way; fulfils when the service has written some of it. */
async function sendHalf(id: string): Promise<Socket> {
  const socket = await announce(id);
  socket.write(HEAD);
  socket.write(Buffer.alloc(SIZE / 2));
  await eventually('the part is being written', async () => (await filesOf(id)).length > 0);
  return socket;
}

async function filesOf(id: string): Promise<string[]> {
  const dir = partsDir(mediaDir(service.dataDir, id));
  return existsSync(dir) ? readdir(dir) : [];
}

test('an upload that is cut off half way leaves nothing, and a retry works', async () => {
  for (const end of [(socket: Socket) => socket.resetAndDestroy(), (socket: Socket) => socket.end()]) {
    const { id } = await client.createMedia();
    const socket = await sendHalf(id);
    socket.resume();
    end(socket);
    await once(socket, 'close');
    await eventually('the half part is removed', async () => (await filesOf(id)).length === 0);
    const incomplete = await client.call('GET', `/media/${id}/complete`);
    assertRefusal(incomplete, 'upload_incomplete');
    const bytes = Buffer.alloc(SIZE, 1);
    const answer = await client.uploadPart(id, { bytes, range: `bytes 0-${SIZE - 1}/${SIZE}` });
    assert.equal(answer.status, 200);
    await client.expect(200, 'GET', `/media/${id}/complete`);
  }
});

test('a part that is arriving when its media is deleted is refused, and leaves no files', async () => {
  const { id } = await client.createMedia();
  const socket = await sendHalf(id);
  await client.expect(200, 'DELETE', `/media/${id}`);
  socket.write(Buffer.alloc(SIZE / 2));
  socket.write(TAIL);
  const answer = Buffer.concat(await socket.toArray()).toString('utf8');
  assert.match(answer, /^HTTP\/1.1 (404|409) /);
  assert.ok(!existsSync(mediaDir(service.dataDir, id)));
});

test('a part that begins to arrive after its media was deleted is refused, and leaves no files', async () => {
  const { id } = await client.createMedia();
  const socket = await announce(id);
  await client.expect(200, 'DELETE', `/media/${id}`);
  socket.write(HEAD);
  socket.write(Buffer.alloc(SIZE));
  socket.write(TAIL);
  const answer = Buffer.concat(await socket.toArray()).toString('utf8');
  assert.match(answer, /^HTTP\/1.1 404 /);
  assert.ok(!existsSync(mediaDir(service.dataDir, id)));
});

test('a malformed form is a 4xx, and nothing of it is kept', async () => {
  const { id } = await client.createMedia();
  const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n';
  for (const [body, boundary] of [
    ['abc', ''],
    ['abc', '; boundary='],
    ['abc', '; boundary=x'],
    ['', '; boundary=x'],
    [`${head}abc`, '; boundary=x'],
    ['--x\r\nnonsense\r\n\r\nabc\r\n--x--\r\n', '; boundary=x'],
    [`${head.replace('"file"', '"constructor"')}abc\r\n--x--\r\n`, '; boundary=x'],
    [`${head.replace('; filename="x"', '')}abc\r\n--x--\r\n`, '; boundary=x'],
  ] as const) {
    for (const path of [`/media/${id}/part`, `/media/${id}/thumbnail`]) {
      const headers = { 'content-type': `multipart/form-data${boundary}` };
      const answer = await client.send(path, { method: 'POST', body, headers });
      assert.equal(answer.status, 400, `${path} ${body}: ${JSON.stringify(answer.body)}`);
      assertRefusal(answer, answer.body.code);
    }
  }
  assert.deepEqual(await filesOf(id), []);
});
