import assert from 'node:assert/strict';
import { lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connectDirectly } from '../../../src/delivery/client/connecting.ts';
import { HttpClient } from '../../../src/delivery/client/http-client.ts';
import { SocketOpener } from '../../../src/delivery/client/open-socket.ts';
import { RequestTarget } from '../../../src/delivery/client/request-target.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';

const MOST = 6;

/** Starts receivers that announce that they keep connections for long. */
async function startReceivers(t: TestContext, count: number): Promise<{ url: string; server: Server }[]> {
  const receivers = Array.from({ length: count }, async () => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (_, answer) => void answer.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.closeAllConnections());
    t.after(() => server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
  });
  return Promise.all(receivers);
}

function connectionsOf({ server }: { readonly server: Server }): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}

test('idle connections to all receivers are bounded, and those that were used last are kept', async (t) => {
  const connect = connectDirectly(new SocketOpener(lookup));
  const client = new HttpClient({
    keepAlive: { unannouncedMs: 30_000, marginMs: 0, maxMs: 30_000, maxIdle: MOST },
    connect: (destination, connection) => connect(destination, connection, () => connection.onOpen()),
  });
  t.after(() => client.close());
  const post = (url: string) =>
    new Promise<void>((resolve, reject) => {
      const none = () => undefined;
      const sink = { onHead: none, onBody: none, onComplete: resolve, onFailed: reject };
      client.send({ target: new RequestTarget(url, {}), headers: {}, body: '{}' }, sink, false);
    });
  const receivers = await startReceivers(t, MOST + 3);
  for (const { url } of receivers) await post(url);
  const open = async () => Promise.all(receivers.map(connectionsOf));
  const total = async () => (await open()).reduce((sum, count) => sum + count, 0);
  await eventually('as many are left as are kept for long', async () => (await total()) === MOST / 2);
  assert.equal((await open())[0], 0, 'the oldest was closed');
  const kept = (await open()).lastIndexOf(1);
  await post(receivers[0]?.url ?? '');
  await eventually('the oldest of them is closed instead', async () => (await total()) === MOST / 2);
  const left = await open();
  assert.deepEqual([left[0], left[kept]], [1, 1], 'those that were used last are kept');
});
