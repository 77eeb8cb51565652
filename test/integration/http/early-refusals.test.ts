import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Bytes of a body: more than the buffers of both ends of a connection hold. */
const BODY_BYTES = 16 * 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'a');

let service: TestService;
before(async () => {
  service = await startTestService();
});
after(() => service.stop());

interface Upload {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly isChunked?: boolean;
}

/**
 * Sends a whole body, and reads the answer only afterwards, as many clients do. Returns the status of the answer.
 * Rejects if the connection is closed before everything is sent.
 */
async function statusOf({ path, headers, isChunked = false }: Upload): Promise<number> {
  const { hostname, port } = new URL(service.service.url);
  const socket = connect(Number(port), hostname).pause();
  const failed = once(socket, 'close').then(() => assert.fail('the connection was closed'));
  const all = {
    host: hostname,
    ...headers,
    ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(BODY_BYTES) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const sent = (async () => {
    await send(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    for (let bytes = 0; bytes < BODY_BYTES; bytes += CHUNK.length) {
      if (isChunked) await send(`${CHUNK.length.toString(16)}\r\n`);
      await send(CHUNK);
      if (isChunked) await send('\r\n');
      // Gives the service time to answer and to close the connection.
      if (bytes % (1024 * 1024) === 0) await delay(1);
    }
    if (isChunked) await send('0\r\n\r\n');
  })();
  function send(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
  }
  await Promise.race([sent, failed]);
  const [answer] = await Promise.race([once(socket.resume(), 'data'), failed]);
  failed.catch(() => undefined);
  socket.destroy();
  return Number(/^HTTP\/1.1 (\d+) /.exec(String(answer))?.[1]);
}

const FORM = { 'content-type': 'multipart/form-data; boundary=x' };
const JSON_TYPE = { 'content-type': 'application/json' };
const MISSING = '0190e0e0-0000-7000-8000-000000000000';

for (const connection of ['keep-alive', 'close']) {
  test(`a client that sends its whole body first gets the error, whatever the service refuses (connection: ${connection})`, () =>
    refuseAll(connection));
}

async function refuseAll(connection: string): Promise<void> {
  const { authorization = '' } = service.client.headers;
  const known = { authorization };
  const json = { ...known, ...JSON_TYPE };
  const uploads: Record<string, Upload> = {
    'wrong credentials of an upload: 401': {
      path: `/api/media/${MISSING}/part`,
      headers: { authorization: 'Basic eDp5', ...FORM },
    },
    'wrong credentials with JSON: 401': {
      path: '/api/media/create',
      headers: { authorization: 'Basic eDp5', ...JSON_TYPE },
    },
    'an upload for no media: 404': { path: `/api/media/${MISSING}/part`, headers: { ...known, ...FORM } },
    'a thumbnail for no media: 404': {
      path: `/api/media/${MISSING}/thumbnail`,
      headers: { ...known, ...FORM },
    },
    'too large JSON: 413': { path: '/api/media/create', headers: json },
    'too large JSON in chunks: 413': { path: '/api/media/create', headers: json, isChunked: true },
    'too many events: 413': { path: '/api/events', headers: { ...service.operator.headers, ...JSON_TYPE } },
    'a too large form: 413': {
      path: '/api/auth/login',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    'another content type: 415': {
      path: '/api/media/create',
      headers: { ...known, 'content-type': 'text/plain' },
    },
  };
  const statuses: Record<string, number> = {};
  for (const [name, upload] of Object.entries(uploads)) {
    const headers = { ...upload.headers, connection };
    statuses[name] = await statusOf({ ...upload, headers }).catch((error) => error.message);
  }
  assert.deepEqual(
    statuses,
    Object.fromEntries(Object.keys(uploads).map((name) => [name, Number(name.split(': ')[1])])),
  );
}

test('a connection that the client wants closed is closed after the error and the rest of the body', async () => {
  const { hostname, port } = new URL(service.service.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /api/media/${MISSING}/part HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 100000\r\n\r\n`,
  );
  const answer = socket.toArray();
  await once(socket, 'readable');
  socket.write(Buffer.alloc(100_000));
  assert.match(String(Buffer.concat(await answer)), /^HTTP\/1.1 401 /);
});
