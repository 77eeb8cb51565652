import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { ALL_EVENTS } from '../support/api-client.ts';
import { Receiver } from '../support/receiver.ts';
import { startTestService } from '../support/service.ts';

test('a receiver that hangs costs the others nothing, and has no more requests than its cap', async () => {
  const service = await startTestService({ MEDIAHOOKS_DELIVERY_CONCURRENCY: '100' });
  const healthy = await Receiver.start();
  const open = new Set<Socket>();
  const hanging = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).once('close', () => open.delete(socket));
  });
  hanging.listen(0, '127.0.0.1');
  await once(hanging, 'listening');
  const address = hanging.address();
  try {
    await service.client.createWebhook(
      `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    );
    await service.client.createWebhook(healthy.url);
    const events = Array.from({ length: 200 }, () => ({
      type: 'file.received',
      event_id: randomUUID(),
      media_id: randomUUID(),
      user_id: service.client.credentials.userId,
    }));
    const before = performance.now();
    await service.operator.expect(202, 'POST', '/events', events);
    await healthy.untilCount(200);
    // The hanging receiver's first requests time out after ten seconds.
    assert.ok(performance.now() - before < 5_000);
    assert.equal(open.size, 10);
  } finally {
    hanging.close();
    for (const socket of open) socket.destroy();
    await Promise.all([service.stop(), healthy.stop()]);
  }
});

test('events of one media wait for each other, those of another do not', async () => {
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
