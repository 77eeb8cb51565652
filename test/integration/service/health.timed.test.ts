import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { startTestService } from '../../support/service/service.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';
import { SmallDisk } from '../../support/storage/small-disk.ts';

async function get(url: string) {
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

test('a service that accepts and delivers is healthy and ready, for any caller', async () => {
  const { service, stop } = await startTestService();
  try {
    const health = await get(`${service.url}/healthz`);
    assert.deepEqual([health.status, health.body], [200, { status: 'ok' }]);
    const ready = await get(`${service.url}/readyz`);
    assert.deepEqual([ready.status, ready.body], [200, { status: 'ready' }]);
  } finally {
    await stop();
  }
});

test('after SIGTERM, an open connection gets the answer that the service stops', async (t) => {
  const service = await ServiceProcess.create();
  t.after(() => service.remove());
  await service.start();
  const { hostname, port } = new URL(service.url);
  // Their requests have begun to arrive, so that the server keeps the connections.
  const sockets = ['/readyz', '/healthz', '/api/user/me'].map((path) => {
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: there\r\n`);
    return socket;
  });
  await service.client.expect(200, 'GET', '/user/me');

  const ended = service.terminate();
  await eventually('the port is closed', async () =>
    fetch(`${service.url}/healthz`).then(
      () => false,
      () => true,
    ),
  );
  const answers = await Promise.all(
    sockets.map(async (socket) => {
      socket.write('connection: close\r\n\r\n');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      await once(socket, 'close');
      return text;
    }),
  );
  assert.match(
    answers[0] ?? '',
    /^HTTP\/1.1 503 .*"message":"the service is stopping".*"code":"unavailable"/s,
  );
  assert.match(answers[1] ?? '', /^HTTP\/1.1 200 /);
  assert.match(answers[2] ?? '', /^HTTP\/1.1 503 .*"code":"unavailable"/s);
  assert.equal((await ended).exitCode, 0);
});

test('on a full disk the service is healthy and not ready, until there is room', async (t) => {
  const disk = SmallDisk.mount(24);
  if (typeof disk === 'string') return t.skip(disk);
  t.after(() => disk.unmount());
  const service = await ServiceProcess.create({ dataDir: join(disk.path, 'data') });
  t.after(() => service.remove());
  await service.start();
  assert.equal((await get(`${service.url}/readyz`)).status, 200);
  await disk.fill();
  await eventually('it is not ready', async () => {
    const { status, body } = await get(`${service.url}/readyz`);
    if (status !== 503) return false;
    assert.equal((body as { code: string }).code, 'storage_full');
    return true;
  });
  assert.equal((await get(`${service.url}/healthz`)).status, 200);
  await disk.free();
  await eventually('it is ready', async () => (await get(`${service.url}/readyz`)).status === 200);
});
