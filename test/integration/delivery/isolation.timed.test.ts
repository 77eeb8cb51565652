import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { countingAnswers, Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS, type ApiClient } from '../../support/service/api-client.ts';
import { startTestService } from '../../support/service/service.ts';

/** A receiver that accepts connections and requests, and never answers. */
async function startHanging() {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { url: `http://127.0.0.1:${port}/`, open, stop };
}

/** Returns that many events of as many media of an account. */
function eventsOf({ credentials }: ApiClient, count: number) {
  return Array.from({ length: count }, () => ({
    type: 'file.received',
    event_id: randomUUID(),
    media_id: randomUUID(),
    user_id: credentials.userId,
  }));
}

test('a receiver that hangs costs the others nothing, and has at most its cap of requests', async () => {
  const service = await startTestService({ MEDIAHOOKS_DELIVERY_CONCURRENCY: '100' });
  const healthy = await Receiver.start();
  const hanging = await startHanging();
  try {
    await service.client.createWebhook(hanging.url);
    await service.client.createWebhook(healthy.url);
    const before = performance.now();
    await service.operator.expect(202, 'POST', '/events', eventsOf(service.client, 200));
    await healthy.untilCount(200);
    // The hanging receiver's first requests time out after ten seconds.
    assert.ok(performance.now() - before < 5_000);
    assert.equal(hanging.open.size, 10);
  } finally {
    hanging.stop();
    await Promise.all([service.stop(), healthy.stop()]);
  }
});

test('many receivers that hang get half of the requests; the others get the rest at once', async () => {
  const service = await startTestService({ MEDIAHOOKS_DELIVERY_CONCURRENCY: '100' });
  const healthy = await Receiver.start();
  const hanging = await Promise.all(Array.from({ length: 20 }, startHanging));
  try {
    for (const { url } of hanging) await service.client.createWebhook(url);
    await service.operator.expect(202, 'POST', '/events', eventsOf(service.client, 20));
    const open = () => hanging.reduce((sum, { open }) => sum + open.size, 0);
    await eventually('the hanging receivers have their part', async () => open() === 50);
    const { client } = await service.newAccount();
    await client.createWebhook(healthy.url);
    const before = performance.now();
    await service.operator.expect(202, 'POST', '/events', eventsOf(client, 300));
    await healthy.untilCount(300);
    assert.ok(performance.now() - before < 5_000);
    assert.equal(open(), 50);
    assert.ok(
      hanging.every(({ open }) => open.size > 0),
      'each of them has a share',
    );
  } finally {
    for (const { stop } of hanging) stop();
    await Promise.all([service.stop(), healthy.stop()]);
  }
});

test('many webhooks of one host have at most its cap of requests there', async () => {
  const service = await startTestService({ MEDIAHOOKS_HOST_CONCURRENCY: '8' });
  const platform = await Receiver.start();
  const other = await Receiver.start();
  const { answer, most } = countingAnswers(20);
  platform.answer(answer);
  try {
    for (let n = 0; n < 10; n += 1) await service.client.createWebhook(`${platform.url}/${n}`);
    await service.client.createWebhook(other.url);
    await service.operator.expect(202, 'POST', '/events', eventsOf(service.client, 20));
    await Promise.all([platform.untilCount(200), other.untilCount(20)]);
    assert.equal(most(), 8);
  } finally {
    await Promise.all([service.stop(), platform.stop(), other.stop()]);
  }
});

test("a receiver that can't be connected to is probed, which its webhook shows, until it answers", async () => {
  const service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '0.1,0.1,0.1' });
  const { client, operator } = service;
  // A port that was free a moment ago.
  const { url, stop } = await startHanging();
  stop();
  let answered = 0;
  const back = createHttpServer((request, response) => {
    request.resume().once('end', () => {
      answered += 1;
      response.end();
    });
  });
  try {
    const { id } = await client.createWebhook(url);
    const webhook = async () => (await client.expect(200, 'GET', `/webhooks/${id}`)).data.webhook;
    await operator.expect(202, 'POST', '/events', eventsOf(client, 20));
    const { circuit_since, circuit_probe_at } = await eventually('the circuit is open', async () => {
      const found = await webhook();
      return found.circuit === 'open' && found;
    });
    assert.ok(Date.parse(circuit_since) < Date.parse(circuit_probe_at));
    const listed = (await client.expect(200, 'GET', '/webhooks')).data.webhooks;
    assert.notEqual(listed[0].circuit, 'closed');

    back.listen(Number(new URL(url).port), '127.0.0.1');
    await eventually('all have been delivered', async () => answered >= 20);
    const { circuit, circuit_since: since } = await eventually('the circuit is closed', async () => {
      const found = await webhook();
      return found.circuit === 'closed' && found;
    });
    assert.deepEqual([circuit, since], ['closed', null]);
  } finally {
    await service.stop();
    back.closeAllConnections();
    back.close();
  }
});

test('events of one media wait for each other, those of another media do not', async () => {
  const service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '0.2,0.2,0.2' });
  const receiver = await Receiver.start();
  try {
    await service.client.createWebhook(receiver.url, ALL_EVENTS);
    const refusals = new Map([['slow', 2]]);
    receiver.answer(({ event }, response) => {
      const left = refusals.get(event.media_id) ?? 0;
      refusals.set(event.media_id, left - 1);
      response.writeHead(left > 0 ? 500 : 200).end();
    });
    const event = (type: string, mediaId: string) => ({
      type,
      event_id: randomUUID(),
      media_id: mediaId,
      user_id: service.client.credentials.userId,
    });
    const types = ['file.received', 'encoding.started', 'encoding.finished'];
    await service.operator.expect(
      202,
      'POST',
      '/events',
      types.map((type) => event(type, 'slow')),
    );
    await service.operator.expect(
      202,
      'POST',
      '/events',
      types.map((type) => event(type, 'swift')),
    );
    await receiver.untilCount(8);
    const arrived = receiver.received.map((request) => `${request.event.media_id} ${request.event.type}`);
    const of = (mediaId: string) => arrived.filter((text) => text.startsWith(mediaId));
    assert.deepEqual(of('slow'), [
      'slow file.received',
      'slow file.received',
      'slow file.received',
      'slow encoding.started',
      'slow encoding.finished',
    ]);
    assert.deepEqual(of('swift'), [
      'swift file.received',
      'swift encoding.started',
      'swift encoding.finished',
    ]);
    assert.ok(arrived.indexOf('swift encoding.finished') < arrived.indexOf('slow encoding.started'));
  } finally {
    await Promise.all([service.stop(), receiver.stop()]);
  }
});
